/// Makes 24 kHz mono PCM16 of live audio that comes in pieces, without a seam between them.
///
/// One decoder serves one direction of one session. PCM16 and WebM may be cut anywhere; of Opus each piece is a packet.
/// Memory is bounded: the longest piece is limited, and no more than a sample, a filter's tail or one WebM element is
/// kept from one piece to the next.
public struct StreamDecoder: ~Copyable {
    public enum Format: Sendable, Equatable {
        /// Little endian; one or two interleaved channels.
        case pcm16(rate: Int, channels: Int)
        /// 8 kHz mono.
        case mulaw, alaw
        /// Bare packets.
        case opus
        /// The stream of a browser's recorder.
        case webmOpus
    }

    /// No client collects so much before it sends; decoding it takes no longer than an event loop can spare.
    public static let maxPieceSeconds = 10.0

    private let format: Format
    private var assembler = SampleAssembler()
    private var resampler: StreamResampler?
    /// The left sample of a frame whose right one has not come yet.
    private var left: Int16?
    private var opus: OpusDecoder?
    // A payload of an enum could not be changed without a copy of its buffers.
    private var webm: OpusStreamDecoder?
    /// A broken WebM stream cannot be entered again before its next header.
    private var isLost = false

    /// - Throws: `unsupportedFormat` for a rate or a number of channels that is not taken.
    public init(_ format: Format) throws(AudioError) {
        self.format = format
        try self.begin()
    }

    /// Whether PCM16 that comes now is what goes out, byte for byte, if its length is even.
    public var isTransparent: Bool {
        self.format == .pcm16(rate: speechSampleRate, channels: 1) && self.assembler.isAligned
    }

    /// Appends what is complete with this piece.
    ///
    /// - Throws: `badAudio` for what does not decode and `tooLarge` for a piece of more than ``maxPieceSeconds``. The
    ///   stream goes on with the next piece; one of WebM with its next header.
    public mutating func decode(_ piece: UnsafeRawBufferPointer, into output: inout [Int16]) throws(AudioError) {
        guard !piece.isEmpty else { return }
        switch self.format {
        case .pcm16(let rate, let channels):
            try Self.check(seconds: Double(piece.count) / Double(2 * rate * channels))
            try self.resample(self.mono(self.assembler.push(piece)), into: &output)
        case .mulaw: try self.look(up: piece, in: G711.muLaw, into: &output)
        case .alaw: try self.look(up: piece, in: G711.aLaw, into: &output)
        case .opus: try self.opus?.decode(Array(piece), into: &output)
        case .webmOpus: try self.demux(Array(piece), into: &output)
        }
    }

    /// The same, from an array.
    public mutating func decode(_ piece: [UInt8], into output: inout [Int16]) throws(AudioError) {
        try piece.withUnsafeBufferPointer { (bytes) throws(AudioError) in
            try self.decode(UnsafeRawBufferPointer(bytes), into: &output)
        }
    }

    /// Takes a piece that nobody wants to hear, only to keep the place in the stream.
    public mutating func skip(_ piece: UnsafeRawBufferPointer) throws(AudioError) {
        switch self.format {
        case .pcm16: _ = self.mono(self.assembler.push(piece))
        case .mulaw, .alaw, .opus: break
        case .webmOpus:
            var unheard: [Int16] = []
            try self.decode(piece, into: &unheard)
        }
    }

    /// The stream was cut off, and another begins with the next piece.
    public mutating func reset() throws(AudioError) {
        self.assembler = SampleAssembler()
        self.left = nil
        try self.begin()
    }

    private mutating func begin() throws(AudioError) {
        switch self.format {
        case .pcm16(let rate, let channels):
            guard 8_000...48_000 ~= rate, 1...2 ~= channels else {
                throw .unsupported(
                    "live pcm16 of \(channels) channels at \(rate) Hz; 1 or 2 at 8000 to 48000 Hz are taken")
            }
            self.resampler =
                rate == speechSampleRate ? nil : try StreamResampler(from: rate, to: speechSampleRate)
        case .mulaw, .alaw: self.resampler = try StreamResampler(from: 8_000, to: speechSampleRate)
        case .opus: self.opus = try OpusDecoder()
        case .webmOpus: try self.beginWebM()
        }
    }

    // MARK: Samples

    /// The mean of both channels; a frame may be cut in its middle.
    private mutating func mono(_ samples: [Int16]) -> [Int16] {
        guard case .pcm16(_, 2) = self.format else { return samples }
        let frames = (self.left.map { [$0] } ?? []) + samples
        self.left = frames.count.isMultiple(of: 2) ? nil : frames.last
        return PCMBuffer(
            samples: Array(frames.dropLast(frames.count % 2)), sampleRate: speechSampleRate, channels: 2
        ).mixedDown()
    }

    private mutating func resample(_ samples: [Int16], into output: inout [Int16]) throws(AudioError) {
        guard self.resampler != nil else { return output.append(contentsOf: samples) }
        try self.resampler?.process(samples, into: &output)
    }

    private mutating func look(
        up piece: UnsafeRawBufferPointer, in table: [Int16], into output: inout [Int16]
    ) throws(AudioError) {
        try Self.check(seconds: Double(piece.count) / 8_000)
        try self.resample(G711.look(up: Array(piece)[...], in: table), into: &output)
    }

    // MARK: WebM

    private mutating func beginWebM() throws(AudioError) {
        let limits = AudioLimits(maxBytes: .max, maxSeconds: Self.maxPieceSeconds)
        self.webm = try OpusStreamDecoder(.webm, limits: limits)
        self.isLost = false
    }

    private mutating func demux(_ piece: [UInt8], into output: inout [Int16]) throws(AudioError) {
        if self.isLost {
            guard Self.webmMagic.starts(with: piece.prefix(4)) else { return }
            try self.beginWebM()
        }
        do throws(AudioError) {
            self.webm?.renewLimits()
            try self.webm?.push(piece, into: &output)
        } catch {
            self.isLost = true
            self.webm = nil
            throw error
        }
    }

    private static let webmMagic: [UInt8] = [0x1A, 0x45, 0xDF, 0xA3]

    private static func check(seconds: Double) throws(AudioError) {
        guard seconds <= Self.maxPieceSeconds else {
            throw AudioError(
                .tooLarge,
                "a piece of \(Int(seconds)) s of live audio exceeds the limit of \(Int(Self.maxPieceSeconds)) s")
        }
    }
}
