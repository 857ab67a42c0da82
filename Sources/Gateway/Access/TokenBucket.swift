/// Lets a steady rate through and a burst above it.
///
/// Counts in seconds owed rather than in tokens, so that it starts full without being told the time.
struct TokenBucket: Sendable, Equatable {
    private let secondsPerToken: Double
    private let burst: Double
    private var emptyAt: Double

    /// - Parameters:
    ///   - rate: how many a second in the long run, above 0.
    ///   - burst: how many at once after a rest, at least 1.
    init(rate: Double, burst: Int) {
        precondition(rate > 0 && burst >= 1, "a bucket of rate \(rate) and burst \(burst) lets nothing through")
        self.secondsPerToken = 1 / rate
        self.burst = Double(burst) / rate
        self.emptyAt = -.infinity
    }

    /// Takes one at `now`, in seconds of any clock that does not go back; false where none is left.
    mutating func take(at now: Double) -> Bool {
        let level = max(self.emptyAt, now) + self.secondsPerToken
        // A hundredth of a token of slack keeps rounding from refusing what is exactly on time.
        guard level - now <= self.burst + self.secondsPerToken / 100 else { return false }
        self.emptyAt = level
        return true
    }

    /// Seconds from `now` until there is one again.
    func wait(at now: Double) -> Double {
        max(0, self.emptyAt + self.secondsPerToken - self.burst - now)
    }

    /// Whether it is as good as new, so that forgetting it changes nothing.
    func isFull(at now: Double) -> Bool { self.emptyAt <= now }
}
