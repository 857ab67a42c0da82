import Observability
import RealtimeProtocol

/// The figures of the model side.
struct UpstreamMetrics: Sendable {
    let open: Gauge
    let dropped: Counter
    let malformed: Counter
    private let registry: MetricsRegistry

    init(_ registry: MetricsRegistry) {
        self.registry = registry
        self.open = registry.gauge("vaani_upstreams_open", "Connections to a realtime model, dialling ones included.")
        self.dropped = registry.counter(
            "vaani_upstream_send_dropped_total", "Events not sent because the queue to the model was full.")
        self.malformed = registry.counter(
            "vaani_upstream_malformed_events_total", "Events of the model that could not be read.")
    }

    func failures(_ failureClass: UpstreamFailure.Class) -> Counter {
        self.registry.counter(
            "vaani_upstream_failures_total", "Connections to a model that failed or ended early, by what can be done.",
            labels: ["class": failureClass.rawValue])
    }
}
