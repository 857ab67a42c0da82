import Observability
import RealtimeProtocol

/// The figures of the model side.
struct UpstreamMetrics: Sendable {
    let open: Gauge
    let dropped: Counter
    let malformed: Counter
    let spare: Gauge
    let failovers: Counter
    private let registry: MetricsRegistry

    init(_ registry: MetricsRegistry) {
        self.registry = registry
        self.open = registry.gauge(
            "vaani_upstreams_open", "Connections of sessions to a realtime model, dialling ones included.")
        self.dropped = registry.counter(
            "vaani_upstream_send_dropped_total", "Events not sent because the queue to the model was full.")
        self.malformed = registry.counter(
            "vaani_upstream_malformed_events_total", "Events of the model that could not be read.")
        self.spare = registry.gauge(
            "vaani_upstream_spare", "Connections to a realtime model that were dialled ahead and wait for a session.")
        self.failovers = registry.counter(
            "vaani_upstream_failovers_total", "Connections that the second endpoint gave because the first did not.")
    }

    /// From the wish for a connection to the model's `session.created`.
    func ready(pooled: Bool) -> Histogram {
        self.registry.histogram(
            "vaani_upstream_ready_seconds",
            "From a session's wish for a connection until the model is ready, by whether it was dialled ahead.",
            bounds: [0.000_1, 0.001] + Histogram.latencySeconds, labels: ["pooled": pooled ? "true" : "false"])
    }

    func breakerOpen(_ rank: Route.Rank) -> Gauge {
        self.registry.gauge(
            "vaani_upstream_breaker_open", "1 while an endpoint is out of order and not dialled for every user.",
            labels: ["endpoint": rank.rawValue])
    }

    func failures(_ failureClass: UpstreamFailure.Class) -> Counter {
        self.registry.counter(
            "vaani_upstream_failures_total", "Connections to a model that failed or ended early, by what can be done.",
            labels: ["class": failureClass.rawValue])
    }
}
