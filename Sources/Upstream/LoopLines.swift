import Observability
import RealtimeProtocol
import Transport

/// The endpoints as one loop sees them, each with the connections that were dialled ahead on this loop.
///
/// Confined to `loop`.
final class LoopLines: @unchecked Sendable {
    let loop: EventLoop
    /// How long an endpoint may take to begin a session while there is another to try.
    let patience: Duration
    /// How long a connection to a model is used.
    let sessionLimit: Duration
    private let routes: [Route]
    private let pools: [LinkPool]
    private let log: Log
    private let metrics: UpstreamMetrics
    private var isStopped = false

    init(_ routes: [Route], _ settings: UpstreamSettings, on loop: EventLoop, log: Log, metrics: UpstreamMetrics) {
        self.loop = loop
        self.patience = settings.patience
        self.sessionLimit = settings.sessionLimit
        self.routes = routes
        var limits = PoolPlan.Limits()
        limits.size = settings.poolSize
        limits.maxAge = settings.poolAge
        // Connections are dialled ahead to the endpoint that sessions are going to use: the first one that is in order.
        self.pools = routes.indices.map { index in
            LinkPool(routes[index], limits, sessionLimit: settings.sessionLimit, on: loop, log: log, metrics: metrics) {
                routes[..<index].allSatisfy(\.isOpen)
            }
        }
        self.log = log
        self.metrics = metrics
    }

    var count: Int { self.routes.count }

    /// Dials what is missing.
    func fill() {
        if !self.isStopped { self.pools.forEach { $0.fill() } }
    }

    /// A connection to an endpoint: one that was dialled ahead, else a new one. Fails where the endpoint is known to be
    /// out of order.
    func link(_ position: Int) -> Result<ModelLink, UpstreamFailure> {
        if !self.isStopped, let link = self.pools[position].take() { return .success(link) }
        let route = self.routes[position]
        if let refusal = route.refusal() { return .failure(refusal) }
        return .success(ModelLink(route, on: self.loop, log: self.log, metrics: self.metrics))
    }

    func reached(_ position: Int) {
        if !self.isStopped { self.pools[position].reached() }
    }

    func stop() {
        self.isStopped = true
        self.pools.forEach { $0.stop() }
    }
}
