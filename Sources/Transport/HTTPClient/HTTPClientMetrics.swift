import Observability
import Synchronization

/// The figures of a client. A host is a label value, so only the first few get one of their own.
struct HTTPClientMetrics: Sendable {
    private final class Hosts: Sendable {
        let names = Mutex<Set<String>>([])
    }

    private static let maxHosts = 16
    private let registry: MetricsRegistry
    private let hosts = Hosts()
    let active: Gauge

    init(_ registry: MetricsRegistry) {
        self.registry = registry
        self.active = registry.gauge("vaani_http_client_active", "Requests to other servers under way or waiting.")
    }

    /// - Parameter outcome: `2xx` … `5xx`, or an error's code.
    func ended(_ host: String, outcome: String) {
        self.registry.counter(
            "vaani_http_client_requests_total", "Requests to other servers, by how they ended.",
            labels: ["host": self.label(host), "outcome": outcome]
        ).increment()
    }

    /// From the call to the head of the answer.
    func answered(_ host: String, after duration: Duration) {
        self.registry.histogram(
            "vaani_http_client_answer_seconds", "From a request to the head of its answer.",
            labels: ["host": self.label(host)]
        ).observe(duration)
    }

    func label(_ host: String) -> String {
        self.hosts.names.withLock { names in
            if names.contains(host) { return host }
            guard names.count < Self.maxHosts else { return "other" }
            names.insert(host)
            return host
        }
    }
}
