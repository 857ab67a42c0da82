import CCrypto
import JSON

/// A key that somebody else signs tokens with, of which only the public half is known here.
///
/// Each key has one algorithm, which follows from its kind: a token cannot ask for another one, such as HS256 with the
/// public key for a secret.
public struct PublicTokenKey: Sendable, CustomStringConvertible {
    enum Algorithm: String, Sendable {
        case rs256 = "RS256"
        case es256 = "ES256"
        case edDSA = "EdDSA"
    }

    /// Why a key of a set is not taken.
    struct Fault: Error, Equatable {
        let reason: String
    }

    /// Fewer bits can be factored, and more cost a caller nothing and this machine much.
    private static let legalRSABits = 2_048...8_192

    /// The `kid` of its tokens.
    public let id: String
    let algorithm: Algorithm
    private let key: PublicKeyHandle

    public var description: String { "public key \(self.id)" }

    /// - Parameter jwk: a member of a JWK set (RFC 7517).
    /// - Returns: nil for a key that is not meant for signatures, or of a kind that is not known.
    init?(_ jwk: [String: JSONValue]) throws(Fault) {
        guard let id = jwk["kid"]?.string, !id.isEmpty else { throw Fault(reason: "a key has no kid") }
        if let use = jwk["use"]?.string, use != "sig" { return nil }
        guard jwk["d"] == nil, jwk["k"] == nil else {
            throw Fault(reason: "key \(id) is a secret, and only public keys belong there")
        }
        guard let (algorithm, handle) = try Self.read(jwk, id) else { return nil }
        if let declared = jwk["alg"]?.string, declared != algorithm.rawValue { return nil }
        self.id = id
        self.algorithm = algorithm
        self.key = handle
    }

    private static func read(
        _ jwk: [String: JSONValue], _ id: String
    ) throws(Fault) -> (Algorithm, PublicKeyHandle)? {
        func bytes(_ name: String) throws(Fault) -> [UInt8] {
            guard let text = jwk[name]?.string, text.utf8.count <= 2_048, let bytes = Base64URL.decode(text) else {
                throw Fault(reason: "key \(id) has no \(name) in base64url")
            }
            return bytes
        }
        let handle: PublicKeyHandle?
        let algorithm: Algorithm
        switch (jwk["kty"]?.string, jwk["crv"]?.string) {
        case ("RSA", _):
            algorithm = .rs256
            handle = PublicKeyHandle(rsaModulus: try bytes("n"), exponent: try bytes("e"))
            if let handle, !Self.legalRSABits.contains(handle.bits) {
                throw Fault(reason: "key \(id) has \(handle.bits) bits, outside \(Self.legalRSABits)")
            }
        case ("EC", "P-256"):
            algorithm = .es256
            handle = PublicKeyHandle(p256X: try bytes("x"), y: try bytes("y"))
        case ("OKP", "Ed25519"):
            algorithm = .edDSA
            handle = PublicKeyHandle(ed25519: try bytes("x"))
        default: return nil
        }
        guard let handle else { throw Fault(reason: "key \(id) is no valid key") }
        return (algorithm, handle)
    }

    /// - Parameter signature: as a JWS carries it; for ES256 the two numbers side by side (RFC 7518 section 3.4).
    func isSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch self.algorithm {
        case .rs256: self.key.verifies(signature, message, EVP_sha256())
        case .es256:
            PublicKeyHandle.der(ofP256: signature).map { self.key.verifies($0, message, EVP_sha256()) } ?? false
        case .edDSA: self.key.verifies(signature, message, nil)
        }
    }
}
