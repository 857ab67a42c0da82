import Observability

/// The figures of one pool.
struct PoolMetrics: Sendable {
    private let pool: String
    private let registry: MetricsRegistry
    private let seconds: Histogram
    private let restarts: Counter

    init(pool: String, _ registry: MetricsRegistry) {
        self.pool = pool
        self.registry = registry
        self.seconds = registry.histogram(
            "vaani_worker_call_seconds", "Time that a helper process took for one call.", labels: ["pool": pool])
        self.restarts = registry.counter(
            "vaani_worker_restarts_total", "Helper processes started again.", labels: ["pool": pool])
    }

    /// - Parameter outcome: `ok`, `cancelled` or the code of a `WorkerError`.
    func count(_ outcome: String) {
        self.registry.counter(
            "vaani_worker_calls_total", "Calls to helper processes by outcome.",
            labels: ["pool": self.pool, "outcome": outcome]
        ).increment()
    }

    func took(_ duration: Duration) { self.seconds.observe(duration) }

    func restarted() { self.restarts.increment() }
}
