import RealtimeProtocol

/// Stops dialling an endpoint that does not answer, and finds out when it does again.
///
/// A value: what happens goes in with the time, as a duration since any fixed moment. Closed, every attempt is
/// permitted. After too many failures in a short time, or one that trying again does not mend, it opens: attempts are
/// refused with the failure that opened it. After a pause one attempt is permitted; its outcome closes or opens it.
struct CircuitBreaker: Sendable, Equatable {
    struct Limits: Sendable, Equatable {
        /// Failures within `window` that open it.
        var failures = 5
        var window: Duration = .seconds(10)
        /// From opening to the probe.
        var pause: Duration = .seconds(2)
        /// After a failure that trying again does not mend.
        var hopelessPause: Duration = .seconds(30)
        /// The longest that a provider's `Retry-After` is believed.
        var maxPause: Duration = .seconds(120)
    }

    private enum State: Sendable, Equatable {
        case closed
        case open(until: Duration, UpstreamFailure)
        /// The one attempt that decides is under way since then.
        case probing(since: Duration, UpstreamFailure)
    }

    let limits: Limits
    private var state = State.closed
    private var failedAt: [Duration] = []

    init(_ limits: Limits = Limits()) {
        self.limits = limits
    }

    var isClosed: Bool { self.state == .closed }

    /// nil permits an attempt, whose outcome must be reported. A refusal says why, and after what time to ask again.
    mutating func refusal(now: Duration) -> UpstreamFailure? {
        switch self.state {
        case .closed: return nil
        case .open(let until, let failure):
            guard now >= until else { return Self.repeated(failure, after: until - now) }
            self.state = .probing(since: now, failure)
            return nil
        case .probing(let since, let failure):
            // A probe whose outcome nobody reported must not hold the door shut for ever.
            guard now - since >= self.limits.window else { return Self.repeated(failure, after: self.limits.pause) }
            self.state = .probing(since: now, failure)
            return nil
        }
    }

    mutating func succeeded() {
        self.state = .closed
        self.failedAt = []
    }

    mutating func failed(_ failure: UpstreamFailure, now: Duration) {
        self.failedAt.removeAll { now - $0 >= self.limits.window }
        self.failedAt.append(now)
        let isProbe = if case .probing = self.state { true } else { false }
        guard
            isProbe || !failure.isRetriable || failure.retryAfter != nil || self.failedAt.count >= self.limits.failures
        else { return }
        let pause = failure.isRetriable ? self.limits.pause : self.limits.hopelessPause
        let asked = min(failure.retryAfter ?? .zero, self.limits.maxPause)
        self.state = .open(until: now + max(pause, asked), failure)
        self.failedAt = []
    }

    /// The attempt was given up before its outcome was known.
    mutating func abandoned(now: Duration) {
        guard case .probing(_, let failure) = self.state else { return }
        self.state = .open(until: now, failure)
    }

    private static func repeated(_ failure: UpstreamFailure, after pause: Duration) -> UpstreamFailure {
        UpstreamFailure(failure.failureClass, failure.message, status: failure.status, retryAfter: pause)
    }
}
