import CCrypto

/// Owns a public key of OpenSSL. Immutable once made, and OpenSSL lets any number of threads verify with one.
final class PublicKeyHandle: @unchecked Sendable {
    // `@unchecked`: never changed after `init`.
    private let key: OpaquePointer

    private init?(_ key: OpaquePointer?) {
        guard let key else { return nil }
        self.key = key
    }

    deinit { EVP_PKEY_free(self.key) }

    /// Both numbers big-endian.
    convenience init?(rsaModulus: [UInt8], exponent: [UInt8]) {
        self.init(vaani_rsa_public_key(rsaModulus, rsaModulus.count, exponent, exponent.count))
    }

    /// The coordinates of a point of the curve P-256; nil where it is not on it.
    convenience init?(p256X x: [UInt8], y: [UInt8]) {
        guard x.count == 32, y.count == 32 else { return nil }
        let point = [0x04] + x + y
        self.init(vaani_p256_public_key(point, point.count))
    }

    convenience init?(ed25519 bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.init(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count))
    }

    var bits: Int { Int(EVP_PKEY_get_bits(self.key)) }

    /// - Parameter digest: nil where the algorithm has its own.
    func verifies(_ signature: [UInt8], _ message: [UInt8], _ digest: OpaquePointer?) -> Bool {
        guard !signature.isEmpty, let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            // What a forged signature left there would be blamed on somebody else's TLS.
            ERR_clear_error()
        }
        return EVP_DigestVerifyInit(context, nil, digest, nil, self.key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// The two numbers of a signature as OpenSSL wants them; nil for any other length.
    static func der(ofP256 signature: [UInt8]) -> [UInt8]? {
        guard signature.count == 64 else { return nil }
        let numbers = [signature[..<32], signature[32...]].flatMap { half -> [UInt8] in
            let digits = Array(half.drop { $0 == 0 })
            // A number whose first bit is set would be negative.
            let number = digits.first.map { $0 >= 0x80 ? [0] + digits : digits } ?? [0]
            return [0x02, UInt8(number.count)] + number
        }
        return [0x30, UInt8(numbers.count)] + numbers
    }
}
