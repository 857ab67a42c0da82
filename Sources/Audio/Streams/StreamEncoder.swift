/// Makes what a client takes of 24 kHz mono PCM16 that comes in pieces, without a seam between them.
///
/// One encoder serves one direction of one session. Its codec's state carries over from one response to the next;
/// ``finish(into:)`` brings out the tail of a response, ``reset()`` gives it up.
public struct StreamEncoder: ~Copyable {
    public enum Codec: Sendable, Hashable {
        /// Little endian, mono, at 8,000 to 48,000 Hz.
        case pcm16(rate: Int)
        /// 8 kHz mono.
        case mulaw, alaw
        /// `clock`: the Hz in which positions are counted, a divisor of 48,000 and a multiple of 4,000.
        case opus(OpusEncoder.Settings, clock: Int)
    }

    /// Encoded audio: a packet of Opus, or samples of another codec.
    public struct Piece: Sendable, Equatable {
        public var bytes: [UInt8]
        /// Samples of the response before this piece, at the rate of the stream.
        public var position: Int

        public init(bytes: [UInt8], position: Int) {
            self.bytes = bytes
            self.position = position
        }
    }

    /// Samples of this magnitude are silence: -72 dB of full scale.
    private static let silentMagnitude = 8

    private let codec: Codec
    /// Of `samples`, in Hz.
    private let rate: Int
    /// Of every piece but the last one of a response; nil where pieces have any length.
    private let frameSamples: Int?
    private let leavesOutSilence: Bool
    private var assembler = SampleAssembler()
    private var resampler: StreamResampler?
    private var opus: OpusEncoder?
    /// What is not encoded yet, at `rate`.
    private var samples: [Int16] = []
    /// Of a codec that is as audio comes: what is not a whole piece yet.
    private var bytes: [UInt8] = []
    /// Samples of the response that were encoded, at `rate`.
    private var position = 0
    private var hasBegun = false
    private var wasSilent = false

    /// - Parameters:
    ///   - frameMs: the duration of a piece; nil for pieces of any length, which Opus does not have.
    ///   - leavesOutSilence: makes no packet for frames of silence after the first one. Opus only.
    /// - Throws: `unsupportedFormat` for a rate, a duration or a setting that is not possible.
    public init(_ codec: Codec, frameMs: Int?, leavesOutSilence: Bool = false) throws(AudioError) {
        let rate = codec.rate
        guard 8_000...48_000 ~= rate, frameMs.map({ 1...1_000 ~= $0 }) ?? true else {
            throw .unsupported("a stream at \(rate) Hz in pieces of \(frameMs ?? 0) ms")
        }
        let opus = try codec.opus(frameMs: frameMs ?? 20, isDiscontinuous: leavesOutSilence)
        self.codec = codec
        self.rate = rate
        self.leavesOutSilence = leavesOutSilence
        self.opus = opus
        self.frameSamples = frameMs.map { $0 * rate / 1_000 } ?? (codec.isOpus ? rate / 50 : nil)
    }

    /// Encodes PCM16 LE of any length and appends the pieces that are complete with it.
    public mutating func encode(_ audio: [UInt8], into pieces: inout [Piece]) throws(AudioError) {
        guard self.codec != .pcm16(rate: speechSampleRate) else { return self.passOn(audio, into: &pieces) }
        let input = self.assembler.push(audio)
        guard !input.isEmpty else { return }
        self.hasBegun = true
        if self.rate == speechSampleRate {
            self.samples.append(contentsOf: input)
        } else {
            if self.resampler == nil { self.resampler = try StreamResampler(from: speechSampleRate, to: self.rate) }
            try self.resampler?.process(input, into: &self.samples)
        }
        try self.cut(into: &pieces)
    }

    /// Ends a response: appends its tail. Another response may begin with the next ``encode(_:into:)``.
    public mutating func finish(into pieces: inout [Piece]) throws(AudioError) {
        if self.bytes.count > 1 { self.append(self.bytes[..<(self.bytes.count & ~1)], to: &pieces) }
        if let resampler = self.resampler.take() { try resampler.finish(into: &self.samples) }
        self.samples += [Int16](repeating: 0, count: self.padding())
        try self.cut(into: &pieces)
        if !self.samples.isEmpty { try self.append(self.samples.count, to: &pieces) }
        self.begin()
    }

    /// Gives up a response: the rest of it is dropped, and the codec begins anew.
    public mutating func reset() {
        self.resampler = nil
        self.opus?.reset()
        self.begin()
    }

    private mutating func begin() {
        self.assembler = SampleAssembler()
        self.samples.removeAll(keepingCapacity: self.samples.capacity <= 4_096)
        self.bytes.removeAll(keepingCapacity: self.bytes.capacity <= 8_192)
        self.position = 0
        self.hasBegun = false
        self.wasSilent = false
    }

    /// Zeros that bring out what the Opus encoder holds back, and fill its last frame.
    private mutating func padding() -> Int {
        guard self.hasBegun, let frame = self.frameSamples, let lookahead = self.opus?.lookahead else { return 0 }
        let excess = (self.samples.count + lookahead) % frame
        return lookahead + (excess == 0 ? 0 : frame - excess)
    }

    /// Cuts what needs no encoding: no sample is touched.
    private mutating func passOn(_ audio: [UInt8], into pieces: inout [Piece]) {
        let frame = self.frameSamples.map { 2 * $0 } ?? (self.bytes.count + audio.count) & ~1
        if self.bytes.isEmpty, audio.count == frame, frame > 0 { return self.append(audio[...], to: &pieces) }
        self.bytes.append(contentsOf: audio)
        var begin = 0
        while frame > 0, self.bytes.count - begin >= frame {
            self.append(self.bytes[begin..<begin + frame], to: &pieces)
            begin += frame
        }
        self.bytes.removeFirst(begin)
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>, to pieces: inout [Piece]) {
        pieces.append(Piece(bytes: Array(bytes), position: self.position))
        self.position += bytes.count / 2
    }

    private mutating func cut(into pieces: inout [Piece]) throws(AudioError) {
        guard let frame = self.frameSamples else {
            return self.samples.isEmpty ? () : try self.append(self.samples.count, to: &pieces)
        }
        var begin = 0
        while self.samples.count - begin >= frame {
            try self.append(begin..<(begin + frame), to: &pieces)
            begin += frame
        }
        self.samples.removeFirst(begin)
    }

    /// Encodes all that is left.
    private mutating func append(_ count: Int, to pieces: inout [Piece]) throws(AudioError) {
        try self.append(0..<count, to: &pieces)
        self.samples.removeAll(keepingCapacity: true)
    }

    private mutating func append(_ range: Range<Int>, to pieces: inout [Piece]) throws(AudioError) {
        let position = self.position
        self.position += range.count
        switch self.codec {
        case .pcm16: pieces.append(Piece(bytes: Self.littleEndian(self.samples[range]), position: position))
        case .mulaw: pieces.append(Piece(bytes: G711.encodeMuLaw(Array(self.samples[range])), position: position))
        case .alaw: pieces.append(Piece(bytes: G711.encodeALaw(Array(self.samples[range])), position: position))
        case .opus(_, let clock):
            guard let packet = try self.packet(range) else { return }
            pieces.append(Piece(bytes: packet, position: position * clock / speechSampleRate))
        }
    }

    /// One packet; nil for silence that need not be sent. The first silent frame is: it ends the sound before it.
    private mutating func packet(_ range: Range<Int>) throws(AudioError) -> [UInt8]? {
        let isSilent = self.leavesOutSilence && self.samples[range].allSatisfy { abs(Int($0)) <= Self.silentMagnitude }
        // The decoder hears nothing of a frame that is not sent, so the encoder does not either: their states agree.
        guard !(isSilent && self.wasSilent) else { return nil }
        self.wasSilent = isSilent
        let packet = try self.opus?.encode(Array(self.samples[range])) ?? []
        return self.leavesOutSilence && packet.count <= 2 ? nil : packet
    }

    private static func littleEndian(_ samples: ArraySlice<Int16>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: samples.count * 2) { bytes, count in
            for (index, sample) in samples.enumerated() {
                bytes.initializeElement(at: 2 * index, to: UInt8(truncatingIfNeeded: sample))
                bytes.initializeElement(at: 2 * index + 1, to: UInt8(truncatingIfNeeded: sample >> 8))
            }
            count = samples.count * 2
        }
    }
}

extension StreamEncoder.Codec {
    fileprivate var isOpus: Bool {
        if case .opus = self { true } else { false }
    }

    /// Of the samples that are encoded, in Hz.
    fileprivate var rate: Int {
        switch self {
        case .pcm16(let rate): rate
        case .mulaw, .alaw: 8_000
        case .opus: speechSampleRate
        }
    }

    fileprivate func opus(frameMs: Int, isDiscontinuous: Bool) throws(AudioError) -> OpusEncoder? {
        guard case .opus(let settings, _) = self else { return nil }
        var encoder = try OpusEncoder(settings, frameMs: frameMs)
        encoder.setDiscontinuous(isDiscontinuous)
        return encoder
    }
}
