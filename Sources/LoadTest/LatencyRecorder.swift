import Synchronization

/// Collects how long chunks took, from any loop.
public final class LatencyRecorder: Sendable {
    private let samples = Mutex<[Duration]>([])

    public init() {}

    public func record(_ latency: Duration) {
        self.samples.withLock { $0.append(latency) }
    }

    /// Forgets what was recorded: the ramp does not count.
    public func reset() {
        self.samples.withLock { $0.removeAll(keepingCapacity: true) }
    }

    public var summary: LatencySummary {
        LatencySummary(self.samples.withLock { $0 })
    }
}

/// Quantiles of a set of latencies, by the nearest-rank method.
public struct LatencySummary: Sendable, Equatable {
    public var count: Int
    public var p50: Duration
    public var p95: Duration
    public var p99: Duration
    public var max: Duration

    public init(_ samples: [Duration]) {
        let sorted = samples.sorted()
        func quantile(_ share: Double) -> Duration {
            sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, Int((share * Double(sorted.count)).rounded(.up)) - 1)]
        }
        self.count = sorted.count
        self.p50 = quantile(0.50)
        self.p95 = quantile(0.95)
        self.p99 = quantile(0.99)
        self.max = sorted.last ?? .zero
    }
}
