/// How many control frames a peer may send: a burst, then some a second. Each costs an answer.
struct PingBudget {
    private static let burst = 100.0
    private static let perSecond = 20.0

    private var tokens = PingBudget.burst
    private var last: ContinuousClock.Instant

    init(now: ContinuousClock.Instant) {
        self.last = now
    }

    /// False when the peer has sent too many.
    mutating func spend(at now: ContinuousClock.Instant) -> Bool {
        let seconds = max(0, (now - self.last) / .seconds(1))
        self.last = now
        self.tokens = min(Self.burst, self.tokens + seconds * Self.perSecond) - 1
        return self.tokens >= 0
    }
}
