/// Counts latencies in buckets that are finer than a thousandth of what they hold, in a fixed space.
///
/// Whole microseconds below 2.048 ms are exact; above, each power of two has 1,024 buckets, up to 67 s.
public struct LatencyHistogram: Sendable, Equatable {
    private static let exactBits = 11
    private static let halfBuckets = 1 << (exactBits - 1)
    private static let maxMicroseconds = 1 << 26
    private static let bucketCount = Self.index(of: maxMicroseconds - 1) + 1

    private var counts: [UInt32] = []
    public private(set) var count = 0
    /// In microseconds.
    private var highest = 0

    public init() {}

    /// Times beyond the range count as its end.
    public mutating func record(microseconds: Int) {
        // Made with the first latency: most phases of most tests record nothing.
        if self.counts.isEmpty { self.counts = Array(repeating: 0, count: Self.bucketCount) }
        let value = min(max(0, microseconds), Self.maxMicroseconds - 1)
        self.counts[Self.index(of: value)] += 1
        self.count += 1
        self.highest = max(self.highest, value)
    }

    public mutating func record(nanoseconds: UInt64) {
        self.record(microseconds: Int(min(nanoseconds / 1_000, 1 << 40)))
    }

    public mutating func merge(_ other: LatencyHistogram) {
        guard other.count > 0 else { return }
        if self.counts.isEmpty { self.counts = Array(repeating: 0, count: Self.bucketCount) }
        for index in self.counts.indices { self.counts[index] += other.counts[index] }
        self.count += other.count
        self.highest = max(self.highest, other.highest)
    }

    /// By the nearest rank.
    ///
    /// - Parameter share: from 0 to 1.
    public func quantile(_ share: Double) -> Duration {
        guard self.count > 0 else { return .zero }
        let rank = min(self.count, max(1, Int((share * Double(self.count)).rounded(.up))))
        if rank == self.count { return .microseconds(self.highest) }
        var seen = 0
        for (index, count) in self.counts.enumerated() {
            seen += Int(count)
            if seen >= rank { return .microseconds(min(Self.middle(of: index), self.highest)) }
        }
        return .microseconds(self.highest)
    }

    /// nil if nothing was recorded.
    public var summary: LatencySummary? {
        guard self.count > 0 else { return nil }
        return LatencySummary(
            count: self.count, p50: self.quantile(0.50), p95: self.quantile(0.95), p99: self.quantile(0.99),
            max: .microseconds(self.highest))
    }

    private static func index(of value: Int) -> Int {
        let shift = max(0, Int.bitWidth - value.leadingZeroBitCount - self.exactBits)
        return shift * self.halfBuckets + value >> shift
    }

    private static func middle(of index: Int) -> Int {
        guard index >= 2 * self.halfBuckets else { return index }
        let shift = index / self.halfBuckets - 1
        return (index - shift * self.halfBuckets) << shift + (1 << shift) / 2
    }
}

/// Quantiles of a set of latencies.
public struct LatencySummary: Sendable, Equatable {
    public var count: Int
    public var p50: Duration
    public var p95: Duration
    public var p99: Duration
    public var max: Duration
}
