import JSON

/// Somebody else whose tokens are taken: the app's own sign-in, for instance. Known by public keys alone.
public struct TrustedIssuer: Sendable {
    /// The `iss` of its tokens.
    public let name: String
    /// The `aud` that they must have.
    public let audience: String
    let keys: [String: PublicTokenKey]

    /// What is wrong with a set of keys, in one sentence.
    public struct InvalidKeys: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// - Parameter keySet: a JWK set (RFC 7517), as issuers publish it. Keys of kinds that are not known are passed over.
    public init(name: String, audience: String, keySet: [UInt8]) throws(InvalidKeys) {
        guard let members = (try? JSONValue(parsing: keySet))?["keys"]?.array else {
            throw InvalidKeys(description: "it is no JWK set: an object with an array named keys")
        }
        var keys: [String: PublicTokenKey] = [:]
        for member in members {
            do throws(PublicTokenKey.Fault) {
                guard let key = try PublicTokenKey(member.object ?? [:]) else { continue }
                guard keys.updateValue(key, forKey: key.id) == nil else {
                    throw PublicTokenKey.Fault(reason: "two keys have the kid \(key.id)")
                }
            } catch {
                throw InvalidKeys(description: error.reason)
            }
        }
        guard !keys.isEmpty else {
            throw InvalidKeys(description: "it has no key for RS256, ES256 (P-256) or EdDSA (Ed25519)")
        }
        self.name = name
        self.audience = audience
        self.keys = keys
    }
}
