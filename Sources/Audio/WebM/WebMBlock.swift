/// One `SimpleBlock`, or the `Block` of a `BlockGroup`: a track number, a time, flags, and one or more packets.
struct WebMBlock {
    let track: Int
    private let lacing: UInt8
    private let payload: ArraySlice<UInt8>
    /// Nanoseconds at the end of the last packet that are not to be heard.
    private var discardPadding: Int64 = 0

    init(_ body: ArraySlice<UInt8>) throws(AudioError) {
        guard let number = try EBMLSize.read(body), let track = number.value, body.count >= number.length + 3 else {
            throw .bad("webm block of \(body.count) bytes ends before its audio")
        }
        self.track = track
        self.lacing = body[body.startIndex + number.length + 2] >> 1 & 3
        self.payload = body.dropFirst(number.length + 3)
    }

    /// Nil when the group holds no block.
    init?(group body: ArraySlice<UInt8>) throws(AudioError) {
        var (block, padding) = (ArraySlice<UInt8>?.none, Int64(0))
        var reader = EBMLReader(body)
        while let child = try reader.next() {
            if child.id == 0xA1 { block = child.body }
            if child.id == 0x75A2 { padding = try EBMLReader.signed(child.body) }
        }
        guard let block else { return nil }
        try self.init(block)
        self.discardPadding = padding
    }

    func packets<Sink: OpusPacketSink & ~Copyable>(into sink: inout Sink) throws(AudioError) {
        var rest = self.payload
        for size in try self.leadingSizes(&rest) {
            guard size <= rest.count else { throw .bad("webm lace of \(size) bytes where \(rest.count) are left") }
            try sink.packet(rest.prefix(size), keeping: nil)
            rest = rest.dropFirst(size)
        }
        try sink.packet(rest, keeping: self.kept(of: rest))
    }

    private func kept(of packet: ArraySlice<UInt8>) -> Int? {
        guard self.discardPadding > 0, let duration = OpusPacket.duration(packet.span) else { return nil }
        // No packet lasts a second.
        return max(0, duration - Int(min(self.discardPadding, 1_000_000_000) * 48 / 1_000_000))
    }

    /// The sizes of all packets but the last, whose size is what remains.
    private func leadingSizes(_ rest: inout ArraySlice<UInt8>) throws(AudioError) -> [Int] {
        guard self.lacing != 0 else { return [] }
        guard let count = rest.popFirst().map(Int.init) else { throw .bad("webm lace has no count") }
        switch self.lacing {
        case 1: return try Self.xiphSizes(count, &rest)
        case 3: return try Self.ebmlSizes(count, &rest)
        default:
            guard rest.count.isMultiple(of: count + 1) else { throw .bad("webm lace does not divide evenly") }
            return Array(repeating: rest.count / (count + 1), count: count)
        }
    }

    /// Each size is a sum of bytes, of which all but the last are 255.
    private static func xiphSizes(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws(AudioError) -> [Int] {
        var (sizes, size) = ([Int](), 0)
        while sizes.count < count {
            guard let byte = rest.popFirst() else { throw .bad("webm lace ends within its sizes") }
            size += Int(byte)
            if byte < 255 {
                sizes.append(size)
                size = 0
            }
        }
        return sizes
    }

    /// The first size is a number, each other the difference to the one before, with a bias that makes it signed.
    private static func ebmlSizes(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws(AudioError) -> [Int] {
        var sizes: [Int] = []
        while sizes.count < count {
            guard let number = try EBMLSize.read(rest), let value = number.value else {
                throw .bad("webm lace ends within its sizes")
            }
            rest = rest.dropFirst(number.length)
            let bias = 1 << (7 * number.length - 1) - 1
            let size = sizes.last.map { $0 + value - bias } ?? value
            guard 0...WebMDemuxer.maxElementBytes ~= size else { throw .bad("webm lace of \(size) bytes") }
            sizes.append(size)
        }
        return sizes
    }
}
