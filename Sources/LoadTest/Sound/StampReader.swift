import JSON

/// Finds stamps in a stream of audio that may have been cut anew on its way.
struct StampReader: Sendable {
    private let chunkBytes: Int
    /// The end of what came, where it may be the beginning of a stamp.
    private var rest: [UInt8] = []

    /// - Parameter chunkBytes: from one stamp to the next in audio that was not cut; a multiple of 3.
    init(chunkBytes: Int) {
        self.chunkBytes = chunkBytes
    }

    /// Audio as base64. Chunks that arrive as they were sent are read without decoding more than their stamps.
    mutating func read(base64 text: UnsafeRawBufferPointer, _ found: (Stamp) -> Void) {
        if self.rest.isEmpty, self.readWholeChunks(text, found) { return }
        guard let bytes = Base64.decode(text) else { return }
        bytes.withUnsafeBytes { self.search($0, found) }
    }

    /// Audio as PCM16.
    mutating func read(pcm bytes: UnsafeRawBufferPointer, _ found: (Stamp) -> Void) {
        if self.rest.isEmpty, bytes.count == self.chunkBytes, let stamp = StampedChunk.read(bytes) {
            return found(stamp)
        }
        self.search(bytes, found)
    }

    /// False, and nothing found, if the text is anything but whole chunks.
    private func readWholeChunks(_ text: UnsafeRawBufferPointer, _ found: (Stamp) -> Void) -> Bool {
        let stride = Base64.encodedCount(self.chunkBytes)
        guard text.count.isMultiple(of: stride) else { return false }
        for start in Swift.stride(from: 0, to: text.count, by: stride) {
            guard StampedChunk.isMarkText(text, at: start) else { return false }
        }
        for start in Swift.stride(from: 0, to: text.count, by: stride) {
            let window = UnsafeRawBufferPointer(rebasing: text[start..<start + StampedChunk.windowCharacters])
            withUnsafeTemporaryAllocation(byteCount: StampedChunk.windowBytes, alignment: 1) { bytes in
                guard Base64.decode(window, into: bytes) != nil else { return }
                if let stamp = StampedChunk.read(UnsafeRawBufferPointer(bytes)) { found(stamp) }
            }
        }
        return true
    }

    private mutating func search(_ bytes: UnsafeRawBufferPointer, _ found: (Stamp) -> Void) {
        guard self.rest.isEmpty else {
            let joined = self.rest + bytes
            self.rest = []
            return joined.withUnsafeBytes { self.search($0, found) }
        }
        var index = 0
        while index + 8 <= bytes.count {
            if let stamp = StampedChunk.read(bytes, at: index) {
                found(stamp)
                index += StampedChunk.byteCount
            } else if StampedChunk.isMark(bytes, at: index) {
                break
            } else {
                index += 2
            }
        }
        self.keepBeginning(of: bytes, from: index)
    }

    /// Only what may become a mark is kept, so that a cut behind a chunk leaves nothing.
    private mutating func keepBeginning(of bytes: UnsafeRawBufferPointer, from index: Int) {
        for start in Swift.stride(from: min(index, bytes.count), to: bytes.count, by: 2) {
            let end = bytes[start...]
            guard end.prefix(8).elementsEqual(StampedChunk.mark.prefix(end.count)) else { continue }
            self.rest = Array(end)
            return
        }
    }
}
