import CCrypto

/// A secret that tokens are signed with. It prints as its id alone.
public struct TokenKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// RFC 7518 section 3.2: a key for HS256 has at least 256 bits.
    public static let minSecretBytes = 32

    /// The `kid` of its tokens.
    public let id: String
    private let secret: [UInt8]

    /// - Returns: nil for a secret shorter than 32 bytes.
    public init?(id: String, secret: [UInt8]) {
        guard secret.count >= Self.minSecretBytes, !id.isEmpty else { return nil }
        self.id = id
        self.secret = secret
    }

    public var description: String { "key \(self.id)" }
    public var customMirror: Mirror { Mirror(self, children: ["id": self.id]) }

    /// HMAC-SHA256 of `message`.
    func sign(_ message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { buffer, count in
            var length: UInt32 = 0
            let made = HMAC(
                EVP_sha256(), self.secret, Int32(self.secret.count), message, message.count, buffer.baseAddress, &length
            )
            count = made == nil ? 0 : Int(length)
        }
    }

    /// Compares in a time that tells nothing about where the two differ.
    func isSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        let expected = self.sign(message)
        guard !expected.isEmpty, expected.count == signature.count else { return false }
        return CRYPTO_memcmp(expected, signature, expected.count) == 0
    }
}
