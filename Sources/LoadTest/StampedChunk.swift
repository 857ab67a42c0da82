/// A chunk of audio that carries the moment it was made, so that whoever gets it back knows how long it was under way.
///
/// Layout: 8 bytes of mark, 8 bytes of nanoseconds (little endian, the maker's clock), the rest a quiet constant.
/// It travels as PCM16 LE and survives whatever does not resample, split samples or mix.
public enum StampedChunk {
    /// Loud alternating samples: no tone and no silence looks like it.
    static let mark: [UInt8] = [0x34, 0x12, 0xCC, 0xED, 0x56, 0x4A, 0xAA, 0xB5]
    static let headerBytes = 16

    /// - Parameter byteCount: even, at least 16.
    public static func make(byteCount: Int, nanoseconds: UInt64) -> [UInt8] {
        precondition(
            byteCount >= self.headerBytes && byteCount.isMultiple(of: 2), "a stamped chunk needs 16 even bytes")
        var chunk = self.mark
        withUnsafeBytes(of: nanoseconds.littleEndian) { chunk.append(contentsOf: $0) }
        return chunk + self.quiet(byteCount - self.headerBytes)
    }

    // Made once: whoever makes noise for hundreds should spend its time on sockets.
    private static let oneChunk = Self.constant(4_096)

    private static func quiet(_ byteCount: Int) -> ArraySlice<UInt8> {
        byteCount <= self.oneChunk.count ? self.oneChunk[..<byteCount] : self.constant(byteCount)[...]
    }

    private static func constant(_ byteCount: Int) -> [UInt8] {
        (0..<byteCount).map { $0.isMultiple(of: 2) ? 0x40 : 0x00 }
    }
}

/// Finds stamps in a stream of audio that was cut anew on its way.
public struct StampReader: Sendable {
    private var rest: [UInt8] = []

    public init() {}

    /// The stamps that are complete with these bytes, in order.
    public mutating func push(_ bytes: [UInt8]) -> [UInt64] {
        self.rest.append(contentsOf: bytes)
        var stamps: [UInt64] = []
        var index = 0
        while index + StampedChunk.headerBytes <= self.rest.count {
            guard self.rest[index] == StampedChunk.mark[0],
                self.rest[index..<index + StampedChunk.mark.count].elementsEqual(StampedChunk.mark)
            else {
                index += 2
                continue
            }
            let stamp = self.rest[index + 8..<index + 16].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            stamps.append(stamp)
            index += StampedChunk.headerBytes
        }
        self.rest.removeFirst(min(index, self.rest.count))
        return stamps
    }
}
