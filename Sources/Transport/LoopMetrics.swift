import Observability

/// The figures of the event loops.
struct LoopMetrics: Sendable {
    /// How often the lag is measured: often enough to see a stall of a second, rare enough to cost nothing when idle.
    static let lagPeriod: Duration = .milliseconds(500)

    let lag: Histogram
    let dropped: Counter
    let clientDropped: Counter

    init(_ registry: MetricsRegistry) {
        self.lag = registry.histogram(
            "vaani_loop_lag_seconds", "How late timers of the event loops fire.",
            bounds: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5])
        self.dropped = registry.counter(
            "vaani_send_dropped_total", "Messages that found a socket's send queue full.", labels: ["side": "server"])
        self.clientDropped = registry.counter(
            "vaani_send_dropped_total", "Messages that found a socket's send queue full.", labels: ["side": "client"])
    }
}
