import COpus

/// Encodes 24 kHz mono to the packets of one Opus stream.
///
/// The state carries over from frame to frame, so consecutive frames have no seam; a stream that is cut off must be
/// ``reset()`` before another begins.
// Sendable is unchecked because of the C pointer only: a noncopyable value has one owner, and every use is exclusive.
public struct OpusEncoder: ~Copyable, @unchecked Sendable {
    /// Which of libopus' coders, and for what it is tuned.
    public enum Mode: String, Sendable, CaseIterable {
        /// CELT alone: 2.5 ms of delay, and an eighth of the CPU of `voip` at equal quality for twice its bits.
        case lowdelay
        /// SILK and hybrid: speech at 16 to 32 kbit/s, 6.5 ms of delay.
        case voip
        /// libopus chooses by what it hears; 6.5 ms of delay.
        case audio
    }

    public struct Settings: Sendable, Hashable {
        public var mode: Mode
        /// 0 to 10.
        public var complexity: Int
        public var bitsPerSecond: Int

        // Measured on 20 ms frames of speech: 27 µs with PESQ 3.6 here, 194 µs with 3.7 for voip at 24 kbit/s and
        // complexity 5. Over TCP packets come late and are never lost, so forward error correction would be waste.
        public init(mode: Mode = .lowdelay, complexity: Int = 0, bitsPerSecond: Int = 48_000) {
            self.mode = mode
            self.complexity = complexity
            self.bitsPerSecond = bitsPerSecond
        }
    }

    /// Samples in a frame.
    public let frameSamples: Int
    /// Samples by which the decoded audio lags behind: as many zeros after the last sample bring it out.
    public let lookahead: Int
    private let encoder: OpaquePointer
    private var packet: [UInt8]

    /// - Parameter frameMs: 10, 20, 40, 60, 80 or 100.
    /// - Throws: `unsupportedFormat` for another duration or a setting that libopus refuses, `internalFailure` when
    ///   there is no memory.
    public init(_ settings: Settings = Settings(), frameMs: Int = 20) throws(AudioError) {
        guard [10, 20, 40, 60, 80, 100].contains(frameMs) else {
            throw .unsupported("opus frames of \(frameMs) ms; 10, 20, 40, 60, 80 or 100 ms are made")
        }
        self.init(try Self.create(settings), frameMs: frameMs)
    }

    private init(_ encoder: OpaquePointer, frameMs: Int) {
        self.encoder = encoder
        self.frameSamples = frameMs * speechSampleRate / 1_000
        // A packet holds frames of at most 20 ms and 1,275 bytes each.
        self.packet = [UInt8](repeating: 0, count: 1_276 * max(1, frameMs / 20) + 16)
        var lookahead: Int32 = 0
        _ = vaani_opus_get_lookahead(encoder, &lookahead)
        self.lookahead = Int(lookahead)
    }

    deinit { opus_encoder_destroy(self.encoder) }

    /// Lets libopus shrink the packets of pauses to two bytes or less, which need not be sent; `lowdelay` never does.
    public mutating func setDiscontinuous(_ isOn: Bool) {
        _ = vaani_opus_set_discontinuous(self.encoder, isOn ? 1 : 0)
    }

    /// Encodes exactly ``frameSamples`` samples to one packet.
    public mutating func encode(_ frame: [Int16]) throws(AudioError) -> [UInt8] {
        precondition(frame.count == self.frameSamples, "an opus frame of \(frame.count) samples")
        let size = opus_encode(
            self.encoder, frame, Int32(frame.count), &self.packet, Int32(self.packet.count))
        guard size > 0 else {
            throw AudioError(.internalFailure, "libopus does not encode: \(OpusLibrary.text(size))")
        }
        return Array(self.packet.prefix(Int(size)))
    }

    /// Forgets what came before: the next frame begins a stream.
    public mutating func reset() { _ = vaani_opus_reset_encoder(self.encoder) }

    private static func create(_ settings: Settings) throws(AudioError) -> OpaquePointer {
        var problem: Int32 = 0
        let application = Self.application(settings.mode)
        guard let encoder = opus_encoder_create(Int32(speechSampleRate), 1, application, &problem) else {
            throw AudioError(
                .internalFailure, "libopus gave no encoder: \(OpusLibrary.text(problem))", isRetriable: true)
        }
        guard vaani_opus_set_complexity(encoder, Int32(clamping: settings.complexity)) == OPUS_OK,
            vaani_opus_set_bitrate(encoder, Int32(clamping: settings.bitsPerSecond)) == OPUS_OK
        else {
            opus_encoder_destroy(encoder)
            throw .unsupported(
                "opus at complexity \(settings.complexity) with \(settings.bitsPerSecond) bit/s; 0 to 10 are taken")
        }
        return encoder
    }

    private static func application(_ mode: Mode) -> Int32 {
        switch mode {
        case .lowdelay: OPUS_APPLICATION_RESTRICTED_LOWDELAY
        case .voip: OPUS_APPLICATION_VOIP
        case .audio: OPUS_APPLICATION_AUDIO
        }
    }
}
