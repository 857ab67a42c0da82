/// Noise that is there from the first sample on: libspeexdsp takes it for speech until it has heard it for a second.
struct OpeningNoise: Sendable, Equatable {
    /// While the library learns.
    private static let frames = 75
    /// A voice soon rises or falls by more, in dB; steady noise does not.
    private static let steadiness: Float = 6

    private var heard = 0
    private var quietest: Float = .infinity
    private var loudest: Float = -.infinity

    /// Whether the next frame, of that level, is no more than noise that was there from the beginning.
    mutating func isNoise(_ level: Float) -> Bool {
        guard self.heard < Self.frames else { return false }
        self.heard += 1
        self.quietest = min(self.quietest, level)
        self.loudest = max(self.loudest, level)
        return self.loudest - self.quietest < Self.steadiness
    }
}
