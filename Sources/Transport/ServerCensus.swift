import Foundation
import Observability
import Synchronization

/// Counts a server's connections over all loops, and says who may come in.
final class ServerCensus: Sendable {
    let accepted: Counter
    private let open: Gauge
    private let count = Atomic<Int>(0)
    private let metrics: MetricsRegistry
    private let emptied = Mutex<[CheckedContinuation<Void, Never>]>([])

    init(_ metrics: MetricsRegistry) {
        self.metrics = metrics
        self.accepted = metrics.counter("vaani_connections_accepted_total", "Connections taken from the kernel.")
        self.open = metrics.gauge("vaani_connections_open", "Accepted connections that are open.")
    }

    var openConnections: Int { self.count.load(ordering: .relaxed) }

    /// Counts a new connection in, or says why it may not stay.
    func admit(_ descriptor: Int32, _ configuration: ServerConfiguration) -> String? {
        // The kernel gives the lowest free number: a high one means that few are left.
        guard Int(descriptor) < Self.descriptorLimit - configuration.spareDescriptors else { return "descriptors" }
        guard self.openConnections < configuration.maxConnections else { return "connections" }
        self.enter()
        return nil
    }

    func enter() {
        self.count.add(1, ordering: .relaxed)
        self.open.increment()
    }

    func leave() {
        self.open.decrement()
        guard self.count.subtract(1, ordering: .relaxed).newValue == 0 else { return }
        let waiters = self.emptied.withLock { waiters in
            defer { waiters = [] }
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func countRefusal(_ reason: String) {
        self.metrics.counter(
            "vaani_connections_refused_total", "Requests and connections refused, by reason.",
            labels: ["reason": reason]
        ).increment()
    }

    func countClose(_ close: WebSocketClose) {
        self.metrics.counter(
            "vaani_websocket_closes_total", "WebSockets closed, by close code.",
            labels: ["code": Self.label(close.code)]
        ).increment()
    }

    /// A peer chooses its code: a label has few values.
    private static func label(_ code: Int) -> String {
        switch code {
        case 1000...1015: "\(code)"
        case 4400...4599: "\(code)"
        case 3000...3999: "3xxx"
        case 4000...4999: "4xxx"
        default: "other"
        }
    }

    private static let descriptorLimit: Int = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        return Int(clamping: limit.rlim_cur)
    }()

    /// Returns when no connection is open.
    func waitUntilEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = self.emptied.withLock { waiters in
                guard self.openConnections > 0 else { return true }
                waiters.append(continuation)
                return false
            }
            if isEmpty { continuation.resume() }
        }
    }
}
