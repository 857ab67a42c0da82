import Observability

/// The gateway's own figures.
struct GatewayMetrics: Sendable {
    private let registry: MetricsRegistry

    init(_ registry: MetricsRegistry) {
        self.registry = registry
    }

    /// - Parameter code: one of the few that a refusal at the upgrade has.
    func refused(_ code: String) {
        self.registry.counter(
            "vaani_handshakes_refused_total", "Voice connections refused at the upgrade.", labels: ["code": code]
        ).increment()
    }

    func answered(_ status: Int) {
        self.registry.counter(
            "vaani_http_responses_total", "Answers to plain HTTP requests.", labels: ["status": String(status)]
        ).increment()
    }
}
