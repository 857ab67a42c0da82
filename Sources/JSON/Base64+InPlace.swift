import CHotPath

extension Base64 {
    /// Writes the text of `bytes` into memory of the caller, which has room for `encodedCount` characters.
    public static func encode(_ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer) {
        precondition(text.count >= self.encodedCount(bytes.count), "base64 of \(bytes.count) bytes needs more room")
        guard let input = bytes.baseAddress, let output = text.baseAddress else { return }
        _ = vaani_base64_encode(
            input.assumingMemoryBound(to: UInt8.self), bytes.count, output.assumingMemoryBound(to: CChar.self))
    }

    /// Writes the bytes of `text` into memory of the caller, which has room for three bytes for each four characters.
    ///
    /// - Returns: how many bytes, or nil if a character, the length or the padding is wrong.
    public static func decode(
        _ text: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer
    ) -> Int? {
        precondition(bytes.count >= text.count / 4 * 3, "\(text.count) characters of base64 need more room")
        guard let input = text.baseAddress, let output = bytes.baseAddress else { return 0 }
        let count = vaani_base64_decode(
            input.assumingMemoryBound(to: CChar.self), text.count, output.assumingMemoryBound(to: UInt8.self))
        return count < 0 ? nil : count
    }
}
