/// One page of an Ogg file (RFC 3533, section 6).
struct OggPage {
    /// The largest page: 255 segments of 255 bytes after a header of 282.
    static let maxBytes = 65_307

    let continuesPacket: Bool
    let beginsStream: Bool
    let endsStream: Bool
    /// The sample, at 48 kHz for Opus, at which the last packet that ends on this page ends; nil when none does.
    let granule: Int64?
    let serial: UInt32
    /// Bytes of the whole page.
    let length: Int
    private let lacing: ArraySlice<UInt8>
    private let payload: ArraySlice<UInt8>

    /// Reads the page where `bytes` begin; nil when more bytes are needed.
    init?(_ bytes: ArraySlice<UInt8>) throws(AudioError) {
        guard bytes.prefix(4).elementsEqual("OggS".utf8.prefix(bytes.count)) else {
            throw .bad("ogg page does not begin where the one before ended")
        }
        guard bytes.count >= 27 else { return nil }
        var reader = ByteReader(bytes, of: "ogg page")
        try reader.skip(4)
        let version = try reader.byte()
        guard version == 0 else { throw .unsupported("ogg page of version \(version); 0 is taken") }
        let flags = try reader.byte()
        self.continuesPacket = flags & 1 != 0
        self.beginsStream = flags & 2 != 0
        self.endsStream = flags & 4 != 0
        let granule = Int64(bitPattern: try reader.littleEndian(UInt64.self))
        // Beyond 2^48 (186 years) it is no position, and sums could overflow.
        self.granule = 0..<(1 << 48) ~= granule ? granule : nil
        self.serial = try reader.littleEndian(UInt32.self)
        try reader.skip(4)
        let checksum = try reader.littleEndian(UInt32.self)
        let segments = Int(try reader.byte())
        guard reader.remaining >= segments else { return nil }
        self.lacing = try reader.take(segments)
        let size = self.lacing.reduce(0) { $0 + Int($1) }
        guard reader.remaining >= size else { return nil }
        self.payload = try reader.take(size)
        self.length = reader.offset
        guard OggChecksum.of(bytes.prefix(self.length)) == checksum else { throw .bad("ogg page fails its checksum") }
    }

    /// The bytes of every packet, or part of one, in order; the last is incomplete when ``lastIsIncomplete``.
    var parts: [ArraySlice<UInt8>] {
        var (parts, begin, end) = ([ArraySlice<UInt8>](), self.payload.startIndex, self.payload.startIndex)
        for size in self.lacing {
            end += Int(size)
            if size < 255 {
                parts.append(self.payload[begin..<end])
                begin = end
            }
        }
        if self.lastIsIncomplete { parts.append(self.payload[begin..<end]) }
        return parts
    }

    /// A last segment of 255 bytes means that the packet goes on.
    var lastIsIncomplete: Bool { self.lacing.last == 255 }
}

/// The checksum of Ogg: CRC-32 of polynomial 0x04C11DB7, not reflected, with its own four bytes taken as zero.
enum OggChecksum {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte) << 24) { sum, _ in sum & 0x8000_0000 == 0 ? sum << 1 : sum << 1 ^ 0x04C1_1DB7 }
    }

    static func of(_ page: ArraySlice<UInt8>) -> UInt32 {
        self.table.withUnsafeBufferPointer { table in
            page.withUnsafeBufferPointer { bytes in
                var sum: UInt32 = 0
                for index in bytes.indices {
                    let byte = 22..<26 ~= index ? 0 : bytes[index]
                    sum = sum << 8 ^ table[Int(UInt8(truncatingIfNeeded: sum >> 24) ^ byte)]
                }
                return sum
            }
        }
    }
}
