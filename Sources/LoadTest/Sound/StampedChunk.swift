/// What is known of a chunk of audio that came back.
struct Stamp: Sendable, Equatable {
    /// Counts the chunks of one user from 0.
    var sequence: UInt32
    /// When the user sent it.
    var sentAt: UInt64
    /// When the echo had it; 0 if nobody wrote it down.
    var echoedAt: UInt64 = 0
}

/// A chunk of audio that carries the moment it was made, so that whoever gets it back knows how long it was under way.
///
/// Layout, at the chunk's start, little endian: 8 bytes of mark, 4 of sequence, 8 of the user's nanoseconds, 8 of the
/// echo's. It travels as PCM16 LE and survives whatever does not resample, split samples or mix.
enum StampedChunk {
    /// Loud alternating samples: no tone and no silence looks like it.
    static let mark: [UInt8] = [0x34, 0x12, 0xCC, 0xED, 0x56, 0x4A, 0xAA, 0xB5]
    static let byteCount = 28
    /// The least whole base64 groups that hold a stamp: 30 bytes as 40 characters, for two bytes of sound more.
    static let windowBytes = 30
    static let windowCharacters = 40
    /// How a chunk with a stamp at its start begins as base64: the mark's first six bytes.
    static let markText: StaticString = "NBLM7VZK"

    private static let markWord = mark.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }

    /// - Parameter chunk: at least 28 bytes, of which the first are overwritten.
    static func write(_ stamp: Stamp, to chunk: UnsafeMutableRawBufferPointer) {
        chunk.storeBytes(of: self.markWord.littleEndian, as: UInt64.self)
        chunk.storeBytes(of: stamp.sequence.littleEndian, toByteOffset: 8, as: UInt32.self)
        chunk.storeBytes(of: stamp.sentAt.littleEndian, toByteOffset: 12, as: UInt64.self)
        self.writeEcho(stamp.echoedAt, to: chunk)
    }

    static func writeEcho(_ nanoseconds: UInt64, to chunk: UnsafeMutableRawBufferPointer) {
        chunk.storeBytes(of: nanoseconds.littleEndian, toByteOffset: 20, as: UInt64.self)
    }

    /// The stamp at an offset, if there is a whole one.
    static func read(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) -> Stamp? {
        guard self.isMark(bytes, at: offset), offset + self.byteCount <= bytes.count else { return nil }
        return Stamp(
            sequence: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self)),
            sentAt: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt64.self)),
            echoedAt: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 20, as: UInt64.self)))
    }

    static func isMark(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        offset + 8 <= bytes.count
            && UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) == self.markWord
    }

    /// Whether base64 text has a stamp at this character.
    static func isMarkText(_ text: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        guard offset + self.windowCharacters <= text.count else { return false }
        return text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            == UnsafeRawPointer(self.markText.utf8Start).loadUnaligned(as: UInt64.self)
    }
}
