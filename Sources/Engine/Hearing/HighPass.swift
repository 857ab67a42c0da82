/// A one-pole high-pass at 115 Hz.
struct HighPass: Sendable, Equatable {
    private var input: Float = 0
    private var output: Float = 0

    /// The sum of squares of what passes, with full scale as 1.
    mutating func energy(of samples: UnsafeBufferPointer<Int16>) -> Float {
        var input = self.input
        var output = self.output
        var sum: Float = 0
        for sample in samples {
            let next = Float(sample) * (1 / 32_768)
            output = 0.97 * output + next - input
            input = next
            sum += output * output
        }
        self.input = input
        self.output = output
        return sum
    }
}
