import Synchronization

/// A value that only grows.
public final class Counter: Sendable {
    private let total = Atomic<Int>(0)

    public init() {}

    public func increment(by amount: Int = 1) {
        self.total.wrappingAdd(amount, ordering: .relaxed)
    }

    public var value: Int { self.total.load(ordering: .relaxed) }
}

/// A value that goes up and down.
public final class Gauge: Sendable {
    private let level = Atomic<Int>(0)

    public init() {}

    public func set(_ value: Int) { self.level.store(value, ordering: .relaxed) }
    public func increment(by amount: Int = 1) { self.level.wrappingAdd(amount, ordering: .relaxed) }
    public func decrement() { self.increment(by: -1) }
    public var value: Int { self.level.load(ordering: .relaxed) }
}

/// Counts observations in buckets, for quantiles over time.
public final class Histogram: Sendable {
    struct State {
        var counts: [Int]
        var sum = 0.0
    }

    let bounds: [Double]
    private let state: Mutex<State>

    /// - Parameter bounds: upper bounds of the buckets, ascending; one more bucket takes what lies above.
    public init(bounds: [Double]) {
        self.bounds = bounds
        self.state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    public func observe(_ value: Double) {
        let bucket = self.bounds.firstIndex { value <= $0 } ?? self.bounds.count
        self.state.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    public func observe(_ duration: Duration) {
        self.observe(duration / .seconds(1))
    }

    public var count: Int { self.state.withLock { $0.counts.reduce(0, +) } }

    var snapshot: State { self.state.withLock { $0 } }

    /// For what a caller waits for: 5 ms to 10 s.
    public static let latencySeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2, 3, 5, 10]
}
