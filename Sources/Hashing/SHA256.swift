import CCrypto

/// SHA-256 (FIPS 180-4), by OpenSSL.
public enum SHA256 {
    /// The digest in lower-case hexadecimal, 64 characters.
    public static func hex(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        let isDone = EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil)
        precondition(isDone == 1 && length == 32, "libcrypto has no SHA-256")
        return digest.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
