import CCrypto

/// Validators of files that a browser keeps (RFC 9110 section 8.8.3).
enum EntityTag {
    /// The first 96 bits of SHA-256, in hexadecimal.
    static func digest(of bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        let isDone = EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil)
        precondition(isDone == 1 && length == 32, "libcrypto has no SHA-256")
        return digest.prefix(12).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Whether one of the tags of `If-None-Match` is this one; a weak one counts as well (section 13.1.2).
    static func matches(_ tag: String, _ candidates: [String]) -> Bool {
        candidates.contains { $0 == "*" || $0 == tag || $0 == "W/\(tag)" }
    }
}
