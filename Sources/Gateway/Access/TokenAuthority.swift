import Foundation
import JSON

/// Makes and judges tokens: JWTs (RFC 7519) signed with HS256, the one algorithm that is taken.
public struct TokenAuthority: Sendable {
    /// Enough for any claims of ours, and cheap to refuse.
    static let maxTokenBytes = 4_096
    /// How far clocks of the issuer and of this machine may be apart.
    static let leewaySeconds = 30.0

    private let keys: [String: TokenKey]
    private let signingKey: TokenKey
    private let issuer: String
    private let audience: String

    /// - Parameters:
    ///   - keys: at least one. The first signs; every one is taken, so that keys can be exchanged without a gap.
    ///   - issuer: the `iss` that a token must have.
    ///   - audience: the `aud` that a token must have, alone or among others.
    public init(keys: [TokenKey], issuer: String, audience: String) {
        precondition(!keys.isEmpty, "tokens need a key")
        self.keys = Dictionary(keys.map { ($0.id, $0) }) { first, _ in first }
        self.signingKey = keys[0]
        self.issuer = issuer
        self.audience = audience
    }

    /// A signed token.
    public func issue(_ claims: TokenClaims, at now: Date) -> String {
        let header: JSONValue = ["alg": "HS256", "typ": "JWT", "kid": .string(self.signingKey.id)]
        var payload: [String: JSONValue] = [
            "iss": .string(self.issuer), "aud": .string(self.audience), "sub": .string(claims.subject),
            "iat": .integer(Int(now.timeIntervalSince1970)),
            "exp": .integer(Int(claims.expiresAt.timeIntervalSince1970)),
        ]
        if !claims.scopes.isEmpty { payload["scope"] = .string(claims.scopes.sorted().joined(separator: " ")) }
        let message = Base64URL.encode(header.encoded) + "." + Base64URL.encode(JSONValue.object(payload).encoded)
        return message + "." + Base64URL.encode(self.signingKey.sign(Array(message.utf8)))
    }

    /// What a token says, once its signature, issuer, audience and times are in order.
    public func verify(_ token: String, at now: Date) throws(TokenFault) -> TokenClaims {
        guard token.utf8.count <= Self.maxTokenBytes else {
            throw .invalid("it is longer than \(Self.maxTokenBytes) bytes")
        }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .invalid("it is no JWT") }
        try self.checkSignature(header: parts[0], payload: parts[1], signature: parts[2])
        return try self.claims(in: try Self.object(parts[1]), at: now)
    }

    private func checkSignature(header: Substring, payload: Substring, signature: Substring) throws(TokenFault) {
        let fields = try Self.object(header)
        guard fields["alg"]?.string == "HS256" else { throw .invalid("its algorithm is not HS256") }
        // RFC 7515 section 4.1.11: extensions that must be understood, and are not.
        guard fields["crit"] == nil else { throw .invalid("it has critical extensions") }
        guard let id = fields["kid"]?.string, let key = self.keys[id] else { throw .invalid("its key is unknown") }
        guard let bytes = Base64URL.decode(signature), key.isSignature(bytes, of: Array("\(header).\(payload)".utf8))
        else {
            throw .invalid("its signature is wrong")
        }
    }

    private func claims(in payload: [String: JSONValue], at now: Date) throws(TokenFault) -> TokenClaims {
        guard payload["iss"]?.string == self.issuer else { throw .invalid("its issuer is another") }
        let audience = payload["aud"]
        guard audience?.string == self.audience || audience?.array?.contains(.string(self.audience)) == true else {
            throw .invalid("its audience is another")
        }
        guard let subject = payload["sub"]?.string else { throw .invalid("it names no user") }
        guard let expiry = payload["exp"]?.double, expiry.isFinite else { throw .invalid("it never expires") }
        let seconds = now.timeIntervalSince1970
        guard seconds < expiry + Self.leewaySeconds else { throw .expired }
        if let start = payload["nbf"] {
            guard let start = start.double, seconds >= start - Self.leewaySeconds else {
                throw .invalid("it is not valid yet")
            }
        }
        let scopes = Set((payload["scope"]?.string ?? "").split(separator: " ").map(String.init))
        return TokenClaims(subject: subject, expiresAt: Date(timeIntervalSince1970: expiry), scopes: scopes)
    }

    private static func object(_ part: Substring) throws(TokenFault) -> [String: JSONValue] {
        guard let bytes = Base64URL.decode(part), let object = (try? JSONValue(parsing: bytes))?.object else {
            throw .invalid("it is no JWT")
        }
        return object
    }
}

/// Base64 with the alphabet for URLs and without padding (RFC 4648 section 5).
enum Base64URL {
    static func encode(_ bytes: [UInt8]) -> String {
        let text = Base64.encode(bytes).filter { $0 != UInt8(ascii: "=") }.map { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: nil for characters of the other alphabet, for padding, and for a length that no bytes have.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var standard: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "-"): standard.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): standard.append(UInt8(ascii: "/"))
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: standard.append(byte)
            }
        }
        standard += Array(repeating: UInt8(ascii: "="), count: (4 - standard.count % 4) % 4)
        return standard.withUnsafeBytes { Base64.decode($0) }
    }
}
