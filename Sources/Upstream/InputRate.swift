import Audio

/// Microphone audio on its way from 24 kHz to the rate that a dialect wants.
struct InputRate: ~Copyable {
    private let rate: Int
    private var resampler: StreamResampler?
    private var converted: [Int16] = []

    /// - Parameter rate: in hertz; 24,000 leaves everything as it is.
    init(_ rate: Int) {
        self.rate = rate
    }

    var isIdentity: Bool { self.rate == 24_000 }

    /// PCM16 LE mono 24 kHz, whole samples, to the same at `rate`.
    mutating func convert(_ audio: UnsafeRawBufferPointer) throws(AudioError) -> [Int16] {
        let samples = (0..<audio.count / 2).map { audio.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self) }
        if self.resampler == nil { self.resampler = try StreamResampler(from: 24_000, to: self.rate) }
        self.converted.removeAll(keepingCapacity: true)
        try self.resampler?.process(samples, into: &self.converted)
        return self.converted
    }

    /// A turn is over: what the filter still holds. The next turn begins anew.
    mutating func finish() throws(AudioError) -> [Int16] {
        var tail: [Int16] = []
        guard let resampler = self.resampler.take() else { return [] }
        try resampler.finish(into: &tail)
        return tail
    }

    /// Forgets what the filter still holds.
    mutating func reset() {
        self.resampler = nil
    }
}
