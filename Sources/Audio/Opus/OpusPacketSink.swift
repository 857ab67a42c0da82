/// Where a demuxer puts what it finds.
protocol OpusPacketSink: ~Copyable {
    /// A stream begins; it may do so again where recordings were joined.
    mutating func begin(_ head: OpusHead) throws(AudioError)

    /// One packet follows; the container wants the first `kept` samples at 48 kHz of it, nil for all.
    mutating func packet(_ bytes: ArraySlice<UInt8>, keeping kept: Int?) throws(AudioError)
}

/// Finds the Opus packets in a container that comes in pieces, cut anywhere.
protocol OpusDemuxer {
    /// Takes the next piece and hands on every packet that is complete with it.
    mutating func push<Sink: OpusPacketSink & ~Copyable>(
        _ bytes: ArraySlice<UInt8>, into sink: inout Sink
    ) throws(AudioError)

    /// Throws when what came is not even the begin of a stream; a last element that is cut off is only left out,
    /// because what the speaker said before is worth keeping.
    func finish() throws(AudioError)
}
