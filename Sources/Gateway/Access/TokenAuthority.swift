import Foundation
import JSON

/// Makes and judges tokens: JWTs (RFC 7519), our own signed with HS256, those of a trusted issuer with a public key.
///
/// Who a token says has issued it decides which keys and which audience count; its key decides the algorithm. A token
/// chooses neither.
public struct TokenAuthority: Sendable {
    /// Enough for any claims of ours, and cheap to refuse.
    static let maxTokenBytes = 4_096
    /// How far clocks of the issuer and of this machine may be apart.
    static let leewaySeconds = 30.0

    private let keyring: TokenKeyring
    private let issuer: String
    private let audience: String

    /// - Parameters:
    ///   - keys: the first signs; every one is taken, so that keys can be exchanged without a gap. Without one nothing
    ///     can be issued.
    ///   - issuer: the `iss` that a token signed with one of them must have.
    ///   - audience: the `aud` that it must have, alone or among others.
    ///   - trusted: somebody else whose tokens are taken.
    public init(keys: [TokenKey], issuer: String, audience: String, trusted: TrustedIssuer? = nil) {
        self.keyring = TokenKeyring(keys: keys, trusted: trusted)
        self.issuer = issuer
        self.audience = audience
    }

    /// Takes other keys from now on. Sessions that older tokens opened go on until those expire.
    public func replaceKeys(_ keys: [TokenKey], trusted: TrustedIssuer?) {
        self.keyring.replace(keys: keys, trusted: trusted)
    }

    /// A signed token. There has to be a key to sign with.
    public func issue(_ claims: TokenClaims, at now: Date) -> String {
        guard let key = self.keyring.signingKey else { preconditionFailure("tokens need a key to be signed with") }
        let header: JSONValue = ["alg": "HS256", "typ": "JWT", "kid": .string(key.id)]
        var payload: [String: JSONValue] = [
            "iss": .string(self.issuer), "aud": .string(self.audience), "sub": .string(claims.subject),
            "iat": .integer(Int(now.timeIntervalSince1970)),
            "exp": .integer(Int(claims.expiresAt.timeIntervalSince1970)),
        ]
        if !claims.scopes.isEmpty { payload["scope"] = .string(claims.scopes.sorted().joined(separator: " ")) }
        let message = Base64URL.encode(header.encoded) + "." + Base64URL.encode(JSONValue.object(payload).encoded)
        return message + "." + Base64URL.encode(key.sign(Array(message.utf8)))
    }

    /// What a token says, once its signature, issuer, audience and times are in order.
    public func verify(_ token: String, at now: Date) throws(TokenFault) -> TokenClaims {
        guard token.utf8.count <= Self.maxTokenBytes else {
            throw .invalid("it is longer than \(Self.maxTokenBytes) bytes")
        }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .invalid("it is no JWT") }
        let payload = try Self.object(parts[1])
        let issuer = payload["iss"]?.string
        let trusted = self.keyring.trusted
        let isTrusted = trusted != nil && issuer == trusted?.name
        guard isTrusted || issuer == self.issuer else { throw .invalid("its issuer is another") }
        try self.checkSignature(parts, isTrusted ? trusted : nil)
        var claims = try Self.claims(
            in: payload, for: isTrusted ? trusted?.audience ?? "" : self.audience, at: now)
        // Who signs people in does not thereby name operators.
        if isTrusted { claims.scopes.remove("admin") }
        return claims
    }

    private func checkSignature(_ parts: [Substring], _ trusted: TrustedIssuer?) throws(TokenFault) {
        let fields = try Self.object(parts[0])
        // RFC 7515 section 4.1.11: extensions that must be understood, and are not.
        guard fields["crit"] == nil else { throw .invalid("it has critical extensions") }
        guard let id = fields["kid"]?.string, let key = self.keyring.key(id, of: trusted) else {
            throw .invalid("its key is unknown")
        }
        guard fields["alg"]?.string == key.algorithm else { throw .invalid("its algorithm is not that of its key") }
        let message = Array("\(parts[0]).\(parts[1])".utf8)
        guard let signature = Base64URL.decode(parts[2]), key.isSignature(signature, of: message) else {
            throw .invalid("its signature is wrong")
        }
    }

    private static func claims(
        in payload: [String: JSONValue], for wanted: String, at now: Date
    ) throws(TokenFault) -> TokenClaims {
        let audience = payload["aud"]
        guard audience?.string == wanted || audience?.array?.contains(.string(wanted)) == true else {
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
