/// Decides from a peer's silence when to ping it and when to give it up. Any byte of the peer counts as life.
struct Liveness {
    enum Verdict: Equatable {
        case wait, ping, hangUp
    }

    private let ping: Duration
    private let hangUp: Duration
    private var lastHeard: ContinuousClock.Instant
    private var lastCheck: ContinuousClock.Instant

    init(ping: Duration, hangUp: Duration, now: ContinuousClock.Instant) {
        self.ping = ping
        self.hangUp = hangUp
        self.lastHeard = now
        self.lastCheck = now
    }

    mutating func heard(at instant: ContinuousClock.Instant) {
        self.lastHeard = max(self.lastHeard, instant)
    }

    mutating func check(at now: ContinuousClock.Instant) -> Verdict {
        self.lastCheck = now
        let silence = now - self.lastHeard
        if silence >= self.hangUp { return .hangUp }
        return silence >= self.ping ? .ping : .wait
    }

    /// From one check to the next: when a ping or the end may be due.
    var untilNextCheck: Duration {
        let silence = self.lastCheck - self.lastHeard
        guard silence >= self.ping else { return self.ping - silence }
        return max(.milliseconds(1), min(self.ping, self.hangUp - silence))
    }
}
