/// The one logical stream of an Ogg file that is being read.
struct OggOpusStream {
    private let serial: UInt32
    private(set) var hasEnded = false
    private var assembler = OggPacketAssembler()
    /// The granule of the page before.
    private var position: Int64?

    init(serial: UInt32) { self.serial = serial }

    /// Hands on the packets that end on a page; pages of other streams, and those after the end, are passed over.
    mutating func read<Sink: OpusPacketSink & ~Copyable>(_ page: OggPage, into sink: inout Sink) throws(AudioError) {
        guard page.serial == self.serial, !self.hasEnded else { return }
        try self.deliver(try self.assembler.packets(of: page), of: page, into: &sink)
        self.hasEnded = page.endsStream
    }

    /// The last page's granule may lie before the end of its packets: what follows is padding.
    private mutating func deliver<Sink: OpusPacketSink & ~Copyable>(
        _ packets: [ArraySlice<UInt8>], of page: OggPage, into sink: inout Sink
    ) throws(AudioError) {
        let durations = packets.map { OpusPacket.duration($0.span) ?? 0 }
        let total = Int64(durations.reduce(0, +))
        let begin = self.position ?? max(0, (page.granule ?? total) - total)
        let end = page.granule ?? begin + total
        var left = page.endsStream ? Int(min(total, max(0, end - begin))) : Int(total)
        for (packet, duration) in zip(packets, durations) {
            try sink.packet(packet, keeping: left < duration ? left : nil)
            left = max(0, left - duration)
        }
        if !packets.isEmpty { self.position = end }
    }
}

/// Puts the packets of one stream together; a packet may go on in the next page.
struct OggPacketAssembler {
    /// The comment header goes by unread, however long: it may hold a picture.
    private var hasTags = false
    private var partial: [UInt8] = []

    /// The audio packets that end on a page.
    mutating func packets(of page: OggPage) throws(AudioError) -> [ArraySlice<UInt8>] {
        var packets: [ArraySlice<UInt8>] = []
        if !page.continuesPacket { self.partial = [] }
        // The end of a packet whose begin was lost.
        var isOrphaned = page.continuesPacket && self.partial.isEmpty
        let parts = page.parts
        for (index, part) in parts.enumerated() {
            let isWhole = index < parts.count - 1 || !page.lastIsIncomplete
            if !self.hasTags {
                self.hasTags = isWhole
            } else if !isOrphaned, let packet = try self.append(part, isWhole: isWhole) {
                packets.append(packet)
            }
            isOrphaned = false
        }
        return packets
    }

    private mutating func append(_ part: ArraySlice<UInt8>, isWhole: Bool) throws(AudioError) -> ArraySlice<UInt8>? {
        guard self.partial.count + part.count <= OpusPacket.maxBytes else {
            throw .bad("ogg packet of more than \(OpusPacket.maxBytes) bytes")
        }
        if isWhole, self.partial.isEmpty { return part }
        self.partial += part
        guard isWhole else { return nil }
        defer { self.partial = [] }
        return self.partial[...]
    }
}
