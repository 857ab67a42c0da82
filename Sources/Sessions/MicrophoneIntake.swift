import Audio

/// Live microphone audio on its way to the model's format.
struct MicrophoneIntake: ~Copyable {
    /// Whether what is heard goes to the model.
    var isOpen = false
    private var assembler = SampleAssembler()
    private var resampler: StreamResampler?
    private var converted: [Int16] = []

    init() {}

    /// - Parameter rate: of the client's PCM16 LE mono samples, in hertz.
    mutating func configure(rate: Int) throws(AudioError) {
        self.assembler = SampleAssembler()
        self.resampler = rate == 24_000 ? nil : try StreamResampler(from: rate, to: 24_000)
    }

    /// Converts a piece of any length and lends the result: PCM16 24 kHz mono in native byte order.
    mutating func convert(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> Void) throws(AudioError) {
        // At 24 kHz whole samples go through as they are.
        if self.resampler == nil, self.assembler.isAligned, bytes.count.isMultiple(of: 2) {
            return bytes.withUnsafeBytes { body($0) }
        }
        let samples = self.assembler.push(bytes)
        guard self.resampler != nil else { return samples.withUnsafeBytes { body($0) } }
        self.converted.removeAll(keepingCapacity: true)
        try self.resampler?.process(samples, into: &self.converted)
        self.converted.withUnsafeBytes { body($0) }
    }
}
