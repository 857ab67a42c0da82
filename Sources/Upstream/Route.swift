import Observability
import RealtimeProtocol
import Synchronization
import Transport

/// One endpoint that may answer, and what is known of its health. Shared by all loops.
final class Route: Sendable {
    enum Rank: String, Sendable, CaseIterable { case primary, fallback }

    let rank: Rank
    let endpoint: RealtimeEndpoint
    let target: WebSocketTarget
    private let breaker: Mutex<CircuitBreaker>
    private let origin = ContinuousClock.now
    private let opened: Gauge
    private let log: Log

    /// - Throws: `TransportError` if the endpoint's URL is none that can be dialled.
    init(
        _ endpoint: RealtimeEndpoint, rank: Rank, breaker: CircuitBreaker.Limits, log: Log, metrics: UpstreamMetrics
    ) throws(TransportError) {
        self.rank = rank
        self.endpoint = endpoint
        self.target = try endpoint.target
        self.breaker = Mutex(CircuitBreaker(breaker))
        self.opened = metrics.breakerOpen(rank)
        self.log = log
    }

    /// nil permits one attempt to dial.
    func refusal() -> UpstreamFailure? {
        let now = self.now
        return self.breaker.withLock { $0.refusal(now: now) }
    }

    var isOpen: Bool { self.breaker.withLock { !$0.isClosed } }

    func succeeded() {
        let wasOpen = self.breaker.withLock { breaker in
            let wasOpen = !breaker.isClosed
            breaker.succeeded()
            return wasOpen
        }
        guard wasOpen else { return }
        self.opened.set(0)
        self.log.notice("model can be reached again", [.upstreamID: .text(self.rank.rawValue)])
    }

    func failed(_ failure: UpstreamFailure) {
        let now = self.now
        let (wasOpen, isOpen) = self.breaker.withLock {
            let wasOpen = !$0.isClosed
            $0.failed(failure, now: now)
            return (wasOpen, !$0.isClosed)
        }
        guard isOpen, !wasOpen else { return }
        self.opened.set(1)
        // Once when it begins, not with every user that it concerns.
        self.log.warning(
            "model cannot be reached",
            [
                .upstreamID: .text(self.rank.rawValue), .errorCode: .text(failure.failureClass.rawValue),
                .reason: .text(failure.message),
            ])
    }

    func abandoned() {
        let now = self.now
        self.breaker.withLock { $0.abandoned(now: now) }
    }

    private var now: Duration { .now - self.origin }
}
