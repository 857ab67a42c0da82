/// Finds the Opus packets of WebM or Matroska in pieces that may be cut inside an element.
///
/// The levels of Segment and Cluster are read as if they had no end, because recorders leave their sizes unknown; only
/// what is small and needed is collected whole. So nothing nests, and memory is bounded by ``maxElementBytes``.
struct WebMDemuxer: OpusDemuxer {
    /// The longest Opus packet with its headers fits.
    static let maxElementBytes = 65_536

    private var buffer: [UInt8] = []
    /// Bytes at the begin of the buffer that are done with.
    private var consumed = 0
    /// Bytes of an element of no interest that are still to come.
    private var toSkip = 0
    private var isWebM = false
    private var track: WebMTrack?

    private enum ID {
        static let header: UInt32 = 0x1A45_DFA3
        static let segment: UInt32 = 0x1853_8067
        static let cluster: UInt32 = 0x1F43_B675
        static let tracks: UInt32 = 0x1654_AE6B
        static let simpleBlock: UInt32 = 0xA3
        static let blockGroup: UInt32 = 0xA0
    }

    mutating func push<Sink: OpusPacketSink & ~Copyable>(
        _ bytes: ArraySlice<UInt8>, into sink: inout Sink
    ) throws(AudioError) {
        self.buffer.append(contentsOf: bytes)
        while try self.step(into: &sink) {}
        self.buffer.removeFirst(self.consumed)
        self.consumed = 0
    }

    func finish() throws(AudioError) {
        guard self.track != nil else { throw .bad("webm ends before its tracks") }
    }

    /// Reads one element; false when more bytes are needed.
    private mutating func step<Sink: OpusPacketSink & ~Copyable>(into sink: inout Sink) throws(AudioError) -> Bool {
        guard self.skipped() else { return false }
        let pending = self.buffer[self.consumed...]
        guard let header = try EBMLHeader.read(pending) else { return false }
        guard self.isWebM || header.id == ID.header else { throw .bad("webm does not begin with its header") }
        switch header.id {
        case ID.segment, ID.cluster:
            self.consumed += header.length
        case ID.header, ID.tracks, ID.simpleBlock, ID.blockGroup:
            guard let size = header.size, size <= Self.maxElementBytes else { throw Self.tooLarge(header) }
            guard pending.count >= header.length + size else { return false }
            self.consumed += header.length + size
            try self.read(header.id, pending.dropFirst(header.length).prefix(size), into: &sink)
        default:
            guard let size = header.size else { throw Self.tooLarge(header) }
            self.consumed += header.length
            self.toSkip = size
        }
        return true
    }

    private mutating func skipped() -> Bool {
        let count = min(self.toSkip, self.buffer.count - self.consumed)
        self.consumed += count
        self.toSkip -= count
        return self.toSkip == 0
    }

    private mutating func read<Sink: OpusPacketSink & ~Copyable>(
        _ id: UInt32, _ body: ArraySlice<UInt8>, into sink: inout Sink
    ) throws(AudioError) {
        switch id {
        case ID.header: self.isWebM = true
        case ID.tracks:
            let track = try WebMTrack(tracks: body)
            self.track = track
            try sink.begin(track.head)
        default:
            guard let track = self.track else { throw .bad("webm audio comes before its tracks") }
            let block = id == ID.blockGroup ? try WebMBlock(group: body) : try WebMBlock(body)
            if let block, block.track == track.number { try block.packets(into: &sink) }
        }
    }

    private static func tooLarge(_ header: EBMLHeader) -> AudioError {
        let size = header.size.map { "\($0) bytes" } ?? "unknown size"
        return .bad(
            "webm element 0x\(String(header.id, radix: 16)) is of \(size); the limit is \(self.maxElementBytes)")
    }
}
