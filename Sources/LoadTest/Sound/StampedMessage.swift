import JSON

/// A message of the microphone that is the same each time but for its stamp: made once, and only the stamp is written anew.
///
/// Confined to its event loop; users of the loop share it, since what `send` takes is read before it returns.
final class StampedMessage {
    enum Encoding {
        case base64, raw
    }

    private let message: UnsafeMutableRawBufferPointer
    private let encoding: Encoding
    private let stampStart: Int
    // The stamp, and for base64 the bytes behind it that share its last group.
    private let window: UnsafeMutableRawBufferPointer

    /// - Parameters:
    ///   - head: what comes before the audio.
    ///   - audio: PCM16, with room for a stamp at `stampAt`.
    ///   - stampAt: bytes into the audio; a multiple of 3 where the encoding is base64.
    ///   - tail: what comes after the audio.
    init(head: [UInt8], audio: [UInt8], stampAt: Int = 0, tail: [UInt8] = [], encoding: Encoding) {
        precondition(
            stampAt + StampedChunk.windowBytes <= audio.count && (encoding == .raw || stampAt.isMultiple(of: 3)),
            "a stamp needs 30 bytes of audio at a group of base64")
        let body = encoding == .base64 ? Base64.encode(audio) : audio
        let whole = head + body + tail
        self.encoding = encoding
        self.stampStart = head.count + (encoding == .base64 ? Base64.encodedCount(stampAt) : stampAt)
        self.message = .allocate(byteCount: whole.count, alignment: 8)
        self.message.copyBytes(from: whole)
        self.window = .allocate(byteCount: StampedChunk.windowBytes, alignment: 8)
        self.window.copyBytes(from: audio[stampAt..<stampAt + StampedChunk.windowBytes])
    }

    deinit {
        self.message.deallocate()
        self.window.deallocate()
    }

    /// Lends the message with a stamp in it.
    func withStamp<Result>(_ stamp: Stamp, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        StampedChunk.write(stamp, to: self.window)
        let rest = UnsafeMutableRawBufferPointer(rebasing: self.message[self.stampStart...])
        switch self.encoding {
        case .base64: Base64.encode(UnsafeRawBufferPointer(self.window), into: rest)
        case .raw: rest.copyMemory(from: UnsafeRawBufferPointer(rebasing: self.window[..<StampedChunk.byteCount]))
        }
        return try body(UnsafeRawBufferPointer(self.message))
    }

    /// Lends the message as it was last sent.
    func asIs<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(self.message))
    }

    /// Overwrites a part of the head, in network byte order.
    func setHead(_ value: UInt32, at offset: Int) {
        self.message.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }
}
