import Foundation

/// Finds the base64 audio in a JSON message without reading the message: its member begins within the first bytes.
enum AudioMember {
    // Our own and the models' events have a few short members before the audio.
    private static let searched = 512

    /// The contents of the string member `key`, such as `"audio":"`, if it begins near the start and is not empty.
    ///
    /// - Parameter key: with quotes, colon and the quote that opens the value.
    static func find(_ key: StaticString, in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard let base = text.baseAddress, let found = self.offset(of: key, in: text) else { return nil }
        let start = found + key.utf8CodeUnitCount
        // Base64 has no escapes: the next quote ends it.
        guard start < text.count, let quote = memchr(base + start, 0x22, text.count - start) else { return nil }
        let end = UnsafeRawPointer(quote) - base
        return end > start ? UnsafeRawBufferPointer(rebasing: text[start..<end]) : nil
    }

    /// Jumps from quote to quote: a key begins with one.
    private static func offset(of key: StaticString, in text: UnsafeRawBufferPointer) -> Int? {
        guard let base = text.baseAddress else { return nil }
        let end = min(text.count, self.searched) - key.utf8CodeUnitCount
        var index = 0
        while index <= end, let quote = memchr(base + index, 0x22, end - index + 1) {
            index = UnsafeRawPointer(quote) - base
            if memcmp(base + index, key.utf8Start, key.utf8CodeUnitCount) == 0 { return index }
            index += 1
        }
        return nil
    }
}
