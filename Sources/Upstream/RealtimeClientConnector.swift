import Observability
import RealtimeProtocol
import Synchronization
import Transport

/// Opens connections to a realtime model, or takes those that it has dialled ahead.
public final class RealtimeClientConnector: RealtimeConnector {
    private let routes: [Route]
    private let settings: UpstreamSettings
    private let log: Log
    private let metrics: UpstreamMetrics
    /// By the loop's identity. Made on the loop that they belong to.
    private let lines = Mutex<[ObjectIdentifier: LoopLines]>([:])

    /// - Parameter fallback: dialled where `endpoint` does not answer.
    /// - Throws: `TransportError` if an endpoint's URL is none that can be dialled.
    public init(
        endpoint: RealtimeEndpoint, fallback: RealtimeEndpoint? = nil, settings: UpstreamSettings = UpstreamSettings(),
        log: Log, metrics: MetricsRegistry
    ) throws(TransportError) {
        let metrics = UpstreamMetrics(metrics)
        let limits = CircuitBreaker.Limits()
        var routes = [try Route(endpoint, rank: .primary, breaker: limits, log: log, metrics: metrics)]
        if let fallback {
            routes.append(try Route(fallback, rank: .fallback, breaker: limits, log: log, metrics: metrics))
        }
        self.routes = routes
        self.settings = settings
        self.log = log
        self.metrics = metrics
    }

    public func connect(
        on executor: any SerialExecutor, handler: @escaping @Sendable (RealtimeConnectionEvent) -> Void
    ) -> any RealtimeConnection {
        guard let loop = executor as? EventLoop else {
            preconditionFailure("a session that talks to a realtime endpoint lives on an EventLoop")
        }
        return RealtimeClient(self.lines(on: loop), metrics: self.metrics, handler: handler)
    }

    /// Dials ahead on these loops, so that already the first user finds a connection.
    public func start(on loops: [EventLoop]) {
        guard self.settings.poolSize > 0 else { return }
        for loop in loops { loop.execute { self.lines(on: loop).fill() } }
    }

    /// Dials ahead no more and closes what nobody took. Sessions keep their connections, and may open others.
    public func stopDialling() {
        for lines in self.lines.withLock({ Array($0.values) }) { lines.loop.execute { lines.stop() } }
    }

    private func lines(on loop: EventLoop) -> LoopLines {
        self.lines.withLock { all in
            if let known = all[ObjectIdentifier(loop)] { return known }
            let made = LoopLines(self.routes, self.settings, on: loop, log: self.log, metrics: self.metrics)
            all[ObjectIdentifier(loop)] = made
            return made
        }
    }
}
