import Audio

/// Codes the speech of one response for the wire.
struct SpeechEncoder: ~Copyable {
    private let format: AudioFormat
    private var resampler: StreamResampler?
    /// The resampler has taken samples that it has not given back.
    private(set) var holdsTail = false

    init(_ format: AudioFormat) throws(AudioError) {
        self.format = format
        self.resampler = format == .pcm ? nil : try StreamResampler(from: 24_000, to: 8_000)
    }

    /// - Parameters:
    ///   - samples: at 24 kHz.
    ///   - isLast: 40 ms of silence are added, which push out what the resampler still holds.
    mutating func encode(_ samples: [Int16], isLast: Bool) throws(AudioError) -> [UInt8] {
        switch self.format {
        case .pcm: return samples.withUnsafeBytes { Array($0) }
        case .pcmu: return G711.encodeMuLaw(try self.resampled(samples, isLast: isLast))
        case .pcma: return G711.encodeALaw(try self.resampled(samples, isLast: isLast))
        }
    }

    private mutating func resampled(_ samples: [Int16], isLast: Bool) throws(AudioError) -> [Int16] {
        var output: [Int16] = []
        try self.resampler?.process(samples, into: &output)
        self.holdsTail = !isLast
        if isLast { try self.resampler?.process(Array(repeating: 0, count: 960), into: &output) }
        return output
    }
}
