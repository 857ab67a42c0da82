import Observability

/// The figures of calls to a provider.
struct ProviderMetrics: Sendable {
    private let registry: MetricsRegistry

    init(_ registry: MetricsRegistry) {
        self.registry = registry
    }

    /// - Parameters:
    ///   - call: `create`, `persona`, `documents` …; ten in all.
    ///   - outcome: `answered`, or an error's code.
    func ended(_ call: String, _ outcome: String, after duration: Duration) {
        self.registry.counter(
            "vaani_provider_calls_total", "Calls to the provider of personas, by how they ended.",
            labels: ["call": call, "outcome": outcome]
        ).increment()
        self.registry.histogram(
            "vaani_provider_call_seconds", "From a call to the provider of personas to its end, all pages included.",
            labels: ["call": call]
        ).observe(duration)
    }
}
