/// Hands on the Opus packets of an MP4 file, from its sample table or from its fragments.
struct MP4OpusDemuxer {
    private let file: MP4File
    /// Samples at 48 kHz of the packets so far.
    private var position = 0

    init(_ file: MP4File) { self.file = file }

    mutating func packets<Sink: OpusPacketSink & ~Copyable>(into sink: inout Sink) throws(AudioError) {
        guard let head = self.file.track.opus else { throw .bad("mp4 audio track is no opus") }
        try sink.begin(head)
        try self.tablePackets(into: &sink)
        try self.fragmentPackets(into: &sink)
    }

    private mutating func tablePackets<Sink: OpusPacketSink & ~Copyable>(into sink: inout Sink) throws(AudioError) {
        guard let table = try MP4SampleTable(self.file.track.sampleTable) else { return }
        var (sample, run) = (0, 0)
        for chunk in 0..<table.chunks.count {
            run = try table.run(of: chunk, from: run)
            var offset = try table.offset(of: chunk)
            var left = try table.samples(inRun: run)
            while left > 0, sample < table.sampleCount {
                offset = try self.packet(at: offset, size: try table.size(of: sample), into: &sink)
                (left, sample) = (left - 1, sample + 1)
            }
        }
    }

    private mutating func fragmentPackets<Sink: OpusPacketSink & ~Copyable>(
        into sink: inout Sink
    ) throws(AudioError) {
        var rest = MP4BoxCursor(self.file.bytes[...])
        while let moof = try rest.next("moof") {
            var trafs = MP4BoxCursor(moof.body)
            while let traf = try trafs.next("traf") {
                guard let fragment = try MP4Fragment(traf.body, moof: moof, of: self.file) else { continue }
                try self.packets(of: fragment, in: traf.body, into: &sink)
            }
        }
    }

    private mutating func packets<Sink: OpusPacketSink & ~Copyable>(
        of fragment: MP4Fragment, in traf: ArraySlice<UInt8>, into sink: inout Sink
    ) throws(AudioError) {
        var offset = fragment.base
        var truns = MP4BoxCursor(traf)
        while let trun = try truns.next("trun") {
            var run = try MP4FragmentRun(trun.body, of: fragment, after: offset)
            offset = run.offset
            while let size = try run.nextSize() { offset = try self.packet(at: offset, size: size, into: &sink) }
        }
    }

    /// Hands on one packet and returns where it ends.
    private mutating func packet<Sink: OpusPacketSink & ~Copyable>(
        at offset: Int, size: Int, into sink: inout Sink
    ) throws(AudioError) -> Int {
        let bytes = self.file.bytes
        guard offset >= 0, size > 0, offset <= bytes.count, size <= bytes.count - offset else {
            throw .bad("mp4 packet of \(size) bytes at \(offset) in \(bytes.count) bytes")
        }
        let packet = bytes[offset..<(offset + size)]
        let duration = OpusPacket.duration(packet.span) ?? 0
        let kept = self.file.track.end.map { max(0, $0 - self.position) }
        self.position += duration
        try sink.packet(packet, keeping: kept.flatMap { $0 < duration ? $0 : nil })
        return offset + size
    }
}
