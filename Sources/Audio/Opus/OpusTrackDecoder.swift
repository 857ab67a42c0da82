/// Decodes the packets of a container to 24 kHz mono, without its priming and padding, within limits.
struct OpusTrackDecoder: ~Copyable, OpusPacketSink {
    /// The samples that nobody has taken yet.
    var samples: [Int16] = []
    /// The bytes of the container so far, against which the decoded ones are weighed.
    var encodedBytes: Int

    private let limits: AudioLimits
    private var decoder: OpusDecoder?
    private var toSkip = 0
    private var decodedSamples = 0

    init(limits: AudioLimits, encodedBytes: Int = 0) {
        self.limits = limits
        self.encodedBytes = encodedBytes
    }

    /// Counts against the limits from nothing again.
    mutating func renewLimits() {
        self.encodedBytes = 0
        self.decodedSamples = 0
    }

    mutating func begin(_ head: OpusHead) throws(AudioError) {
        self.decoder = try OpusDecoder(gain: head.gain)
        self.toSkip = head.preSkip / 2
    }

    mutating func packet(_ bytes: ArraySlice<UInt8>, keeping kept: Int?) throws(AudioError) {
        guard let duration = OpusPacket.duration(bytes.span) else {
            throw .bad("opus packet of \(bytes.count) bytes is empty or longer than 120 ms")
        }
        let made = duration / 2
        try self.admit(made)
        let begin = min(self.toSkip, made)
        let end = max(begin, min(made, (kept ?? duration) / 2))
        self.toSkip -= begin
        try self.decoder?.decode(bytes, keeping: begin..<end, into: &self.samples)
    }

    /// Counts skipped samples too, since they cost as much.
    private mutating func admit(_ made: Int) throws(AudioError) {
        self.decodedSamples += made
        try self.limits.check(frames: self.decodedSamples, sampleRate: speechSampleRate)
        try self.limits.check(decodedBytes: self.decodedSamples * 2, encodedBytes: self.encodedBytes)
    }
}
