/// Bounds how often one address may open a voice connection.
struct HandshakeLimiter: Sendable {
    /// Addresses remembered at most: an attacker with many of them must not fill the memory.
    static let capacity = 16_384

    private let limit: Int
    private let windowSeconds: Double
    private var buckets: [String: TokenBucket] = [:]

    /// - Parameter limit: handshakes in `windowSeconds`, all at once or spread; 0 for no limit.
    init(limit: Int, windowSeconds: Double = 10) {
        self.limit = limit
        self.windowSeconds = windowSeconds
    }

    /// - Returns: nil where the handshake may go on, else the seconds after which to come back.
    mutating func take(_ address: String, at now: Double) -> Double? {
        guard self.limit > 0 else { return nil }
        if self.buckets.count >= Self.capacity, self.buckets[address] == nil { self.makeRoom(at: now) }
        let fresh = TokenBucket(rate: Double(self.limit) / self.windowSeconds, burst: self.limit)
        return self.buckets[address, default: fresh].take(at: now) ? nil : self.buckets[address]?.wait(at: now) ?? 0
    }

    /// Forgets who has been quiet; where all are busy, everyone: a limit that leaks beats one that lets nobody in.
    private mutating func makeRoom(at now: Double) {
        self.buckets = self.buckets.filter { !$0.value.isFull(at: now) }
        if self.buckets.count >= Self.capacity { self.buckets = [:] }
    }
}
