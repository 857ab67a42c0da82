import CHotPath

/// Standard base64 (RFC 4648 section 4, padded, no line breaks) at memory speed.
public enum Base64 {
    /// Characters that `byteCount` bytes take.
    public static func encodedCount(_ byteCount: Int) -> Int {
        (byteCount + 2) / 3 * 4
    }

    public static func encode(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var text: [UInt8] = []
        self.append(bytes, to: &text)
        return text
    }

    public static func encode(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { self.encode($0) }
    }

    /// Appends the text of `bytes` to a message that is being built.
    public static func append(_ bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        let encoded = [UInt8](unsafeUninitializedCapacity: self.encodedCount(bytes.count)) { buffer, count in
            guard let input = bytes.baseAddress, let output = buffer.baseAddress else { return }
            count = output.withMemoryRebound(to: CChar.self, capacity: buffer.count) {
                vaani_base64_encode(input.assumingMemoryBound(to: UInt8.self), bytes.count, $0)
            }
        }
        text.append(contentsOf: encoded)
    }

    /// The bytes of `text`, or nil if a character, the length or the padding is wrong.
    public static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard let input = text.baseAddress else { return [] }
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3 + 3) { buffer, count in
            guard let output = buffer.baseAddress else { return }
            let written = vaani_base64_decode(input.assumingMemoryBound(to: CChar.self), text.count, output)
            isValid = written >= 0
            count = max(0, written)
        }
        return isValid ? bytes : nil
    }

    public static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { self.decode(UnsafeRawBufferPointer($0)) }
    }
}
