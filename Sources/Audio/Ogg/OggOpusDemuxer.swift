/// Finds the Opus packets of Ogg (RFC 7845) in pieces that may be cut inside a page.
struct OggOpusDemuxer: OpusDemuxer {
    private var buffer: [UInt8] = []
    /// Bytes at the begin of the buffer that are done with.
    private var consumed = 0
    private var stream: OggOpusStream?

    mutating func push<Sink: OpusPacketSink & ~Copyable>(
        _ bytes: ArraySlice<UInt8>, into sink: inout Sink
    ) throws(AudioError) {
        self.buffer.append(contentsOf: bytes)
        while self.consumed < self.buffer.count, let page = try OggPage(self.buffer[self.consumed...]) {
            self.consumed += page.length
            try self.read(page, into: &sink)
        }
        self.buffer.removeFirst(self.consumed)
        self.consumed = 0
    }

    func finish() throws(AudioError) {
        guard self.stream != nil else { throw .bad("ogg ends before an opus stream begins") }
    }

    private mutating func read<Sink: OpusPacketSink & ~Copyable>(
        _ page: OggPage, into sink: inout Sink
    ) throws(AudioError) {
        if page.beginsStream { return try self.begin(page, into: &sink) }
        guard self.stream != nil else {
            throw .unsupported("ogg holds no opus stream; vorbis, flac and speex are not taken")
        }
        try self.stream?.read(page, into: &sink)
    }

    private mutating func begin<Sink: OpusPacketSink & ~Copyable>(
        _ page: OggPage, into sink: inout Sink
    ) throws(AudioError) {
        guard self.stream?.hasEnded ?? true, let packet = page.parts.first, packet.starts(with: OpusHead.magic) else {
            return
        }
        try sink.begin(try OpusHead(packet))
        self.stream = OggOpusStream(serial: page.serial)
    }
}
