import Observability
import RealtimeProtocol
import Transport

/// Connections to one endpoint, dialled ahead on one loop: does what its `PoolPlan` decides.
///
/// Confined to `loop`.
final class LinkPool: @unchecked Sendable {
    private let route: Route
    private let loop: EventLoop
    private let log: Log
    private let metrics: UpstreamMetrics
    private let origin = ContinuousClock.now
    /// How long a connection is used.
    private let sessionLimit: Duration
    private let isWanted: () -> Bool
    private var plan: PoolPlan
    private var links: [Int: ModelLink] = [:]
    private var alarm: ScheduledTask?

    /// - Parameter isWanted: whether sessions are going to use this endpoint; asked at every change.
    init(
        _ route: Route, _ limits: PoolPlan.Limits, sessionLimit: Duration, on loop: EventLoop, log: Log,
        metrics: UpstreamMetrics, isWanted: @escaping () -> Bool
    ) {
        self.sessionLimit = sessionLimit
        self.isWanted = isWanted
        self.route = route
        self.loop = loop
        self.log = log
        self.metrics = metrics
        self.plan = PoolPlan(limits)
    }

    /// Dials what is missing.
    func fill() {
        self.change { $0.tick(now: $1) }
    }

    /// A connection that is ready or on its way, which belongs to the caller from now on.
    func take() -> ModelLink? {
        var taken: ModelLink?
        // What is on its way to an endpoint that is out of order is a probe: nobody should wait for it.
        let onlyReady = self.route.isOpen
        self.change { plan, now in
            let (id, actions) = plan.take(onlyReady: onlyReady, now: now)
            taken = id.flatMap { self.links.removeValue(forKey: $0) }
            return actions
        }
        taken?.listener = nil
        return taken
    }

    /// A session's own connection was accepted.
    func reached() {
        self.change { $0.reached(now: $1) }
    }

    func stop() {
        self.alarm?.cancel()
        self.change { plan, _ in plan.stop() }
    }

    private func change(_ body: (inout PoolPlan, Duration) -> [PoolPlan.Action]) {
        self.loop.checkIsolated()
        let before = self.plan.readyCount
        self.plan.isWanted = self.isWanted()
        let actions = body(&self.plan, .now - self.origin)
        self.metrics.spare.increment(by: self.plan.readyCount - before)
        for action in actions { self.perform(action) }
    }

    private func perform(_ action: PoolPlan.Action) {
        switch action {
        case .dial(let id): self.dial(id)
        case .close(let id): self.links.removeValue(forKey: id)?.close()
        case .wake(let delay):
            self.alarm?.cancel()
            self.alarm = self.loop.schedule(after: delay) { [weak self] in self?.fill() }
        }
    }

    private func dial(_ id: Int) {
        if let refusal = self.route.refusal() {
            // Told after this change is over, like any other outcome.
            return self.loop.execute { [weak self] in self?.change { $0.ended(id, refusal, now: $1) } }
        }
        let link = ModelLink(self.route, on: self.loop, log: self.log, metrics: self.metrics)
        link.listener = { [weak self] in self?.heard($0, of: id) }
        self.links[id] = link
    }

    private func heard(_ event: ModelLink.Event, of id: Int) {
        switch event {
        case .ready:
            let lifetime = self.links[id]?.remainingLife(limit: self.sessionLimit)
            self.change { $0.ready(id, lifetime: lifetime, now: $1) }
        case .ended(let failure):
            self.links[id] = nil
            self.change { $0.ended(id, failure, now: $1) }
        case .event(.error(let error)):
            // It is not worth much any more, whatever it says.
            self.links.removeValue(forKey: id)?.close()
            self.change { $0.ended(id, error.asFailureToBegin, now: $1) }
        case .event, .drained: break
        }
    }
}
