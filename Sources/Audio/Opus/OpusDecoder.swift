import COpus

/// Decodes the packets of one Opus stream to 24 kHz mono.
///
/// libopus decodes any packet at any of its rates and mixes stereo itself, so no resampler is needed; measured against
/// decoding at 48 kHz and resampling, speech scores the same and costs a quarter less.
// Sendable is unchecked because of the C pointer only: a noncopyable value has one owner, and every use is exclusive.
public struct OpusDecoder: ~Copyable, @unchecked Sendable {
    /// Hz of the output.
    public static let sampleRate = speechSampleRate
    /// Samples of the longest packet, 120 ms.
    static let maxPacketSamples = 2_880

    private let decoder: OpaquePointer
    private var scratch = [Int16](repeating: 0, count: OpusDecoder.maxPacketSamples)

    /// - Parameter gain: of the output, in 1/256 dB, as `OpusHead` states it.
    /// - Throws: `internalFailure` when there is no memory.
    public init(gain: Int16 = 0) throws(AudioError) {
        var problem: Int32 = 0
        guard let decoder = opus_decoder_create(Int32(Self.sampleRate), 1, &problem) else {
            throw AudioError(
                .internalFailure, "libopus gave no decoder: \(OpusLibrary.text(problem))", isRetriable: true)
        }
        self.decoder = decoder
        _ = vaani_opus_set_gain(decoder, Int32(gain))
    }

    deinit { opus_decoder_destroy(self.decoder) }

    /// Forgets what came before: the next packet begins a stream.
    public mutating func reset() { _ = vaani_opus_reset_decoder(self.decoder) }

    /// Appends the samples of one packet.
    ///
    /// - Throws: `badAudio` for a packet that is empty, longer than 120 ms or broken; the next one may still decode.
    public mutating func decode(_ packet: Span<UInt8>, into output: inout [Int16]) throws(AudioError) {
        let made = try self.decodeToScratch(packet)
        output.append(contentsOf: self.scratch.prefix(made))
    }

    /// The same, from an array.
    public mutating func decode(_ packet: [UInt8], into output: inout [Int16]) throws(AudioError) {
        try self.decode(packet.span, into: &output)
    }

    /// Appends those samples of one packet that lie in `kept`, counted from its begin.
    mutating func decode(
        _ packet: ArraySlice<UInt8>, keeping kept: Range<Int>, into output: inout [Int16]
    ) throws(AudioError) {
        let made = try self.decodeToScratch(packet.span)
        output.append(contentsOf: self.scratch[kept.clamped(to: 0..<made)])
    }

    private mutating func decodeToScratch(_ packet: Span<UInt8>) throws(AudioError) -> Int {
        // libopus takes an empty packet for a lost one and would invent audio.
        guard OpusPacket.duration(packet) != nil else {
            throw .bad("opus packet of \(packet.count) bytes is empty or longer than 120 ms")
        }
        let made = packet.withUnsafeBufferPointer { bytes in
            opus_decode(
                self.decoder, bytes.baseAddress, Int32(bytes.count), &self.scratch, Int32(self.scratch.count), 0)
        }
        guard made > 0 else {
            throw .bad("opus packet of \(packet.count) bytes does not decode: \(OpusLibrary.text(made))")
        }
        return Int(made)
    }
}
