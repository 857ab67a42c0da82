import RealtimeProtocol

/// Decides when connections are dialled ahead, how long they are kept and who gets them.
///
/// A value: what happens goes in with the time, what to do comes out. Times are durations since the pool was made.
struct PoolPlan: Sendable, Equatable {
    struct Limits: Sendable, Equatable {
        /// Connections kept ready; 0 keeps none.
        var size = 0
        /// A connection that nobody took is replaced at this age, before its provider ends it for idling.
        var maxAge: Duration = .seconds(60)
        /// After the first failure; doubles with each one more.
        var firstPause: Duration = .milliseconds(500)
        var maxPause: Duration = .seconds(30)
        /// After a failure that trying again does not mend. A session that gets through ends it early.
        var hopelessPause: Duration = .seconds(300)
        /// A connection that ends younger than this counts as a failure.
        var minLife: Duration = .seconds(5)
    }

    enum Action: Sendable, Equatable {
        case dial(Int)
        case close(Int)
        /// Call `tick` then, and not for an earlier wish.
        case wake(after: Duration)
    }

    private struct Spare: Sendable, Equatable {
        let id: Int
        /// nil while it is dialled.
        var readyAt: Duration?
        var dueAt: Duration?
    }

    let limits: Limits
    private var spares: [Spare] = []
    private var lastID = 0
    private var failures = 0
    private var restUntil: Duration = .zero
    private var isStopped = false
    /// False lets what is there grow old and dials no more.
    var isWanted = true

    init(_ limits: Limits) {
        self.limits = limits
    }

    var readyCount: Int { self.spares.count { $0.readyAt != nil } }

    /// Time has passed, or the pool begins.
    mutating func tick(now: Duration) -> [Action] {
        self.settle(now)
    }

    /// Somebody needs a connection: the oldest that is ready, else one that is on its way, unless `onlyReady`.
    mutating func take(onlyReady: Bool = false, now: Duration) -> (id: Int?, actions: [Action]) {
        let ready = self.spares.firstIndex { $0.readyAt != nil }
        let index = ready ?? (onlyReady ? nil : self.spares.indices.first)
        let id = index.map { self.spares.remove(at: $0).id }
        return (id, self.settle(now))
    }

    /// - Parameter lifetime: until the provider ends it, where it says so.
    mutating func ready(_ id: Int, lifetime: Duration?, now: Duration) -> [Action] {
        guard let index = self.spares.firstIndex(where: { $0.id == id }) else { return [] }
        self.failures = 0
        self.spares[index].readyAt = now
        // Whoever gets it needs most of its life for a conversation.
        self.spares[index].dueAt = now + min(self.limits.maxAge, (lifetime ?? .seconds(3_600)) / 4)
        return self.settle(now)
    }

    mutating func ended(_ id: Int, _ failure: UpstreamFailure, now: Duration) -> [Action] {
        guard let index = self.spares.firstIndex(where: { $0.id == id }) else { return [] }
        let spare = self.spares.remove(at: index)
        if let readyAt = spare.readyAt, now - readyAt >= self.limits.minLife { return self.settle(now) }
        self.failures += 1
        self.restUntil = now + self.pause(after: failure)
        return self.settle(now)
    }

    /// A session of its own accord got through to the model: no reason to wait any longer.
    mutating func reached(now: Duration) -> [Action] {
        self.failures = 0
        self.restUntil = .zero
        return self.settle(now)
    }

    /// Dials no more and gives up what it has.
    mutating func stop() -> [Action] {
        self.isStopped = true
        defer { self.spares = [] }
        return self.spares.map { .close($0.id) }
    }

    private func pause(after failure: UpstreamFailure) -> Duration {
        guard failure.isRetriable else { return self.limits.hopelessPause }
        let doubled = self.limits.firstPause * (1 << min(self.failures - 1, 10))
        return max(min(doubled, self.limits.maxPause), failure.retryAfter ?? .zero)
    }

    /// Replaces what is too old, dials what is missing, and says when to look again.
    private mutating func settle(_ now: Duration) -> [Action] {
        guard !self.isStopped else { return [] }
        let old = self.spares.filter { $0.dueAt.map { $0 <= now } ?? false }
        self.spares.removeAll { spare in old.contains(spare) }
        var actions: [Action] = old.map { .close($0.id) }
        let missing = self.isWanted ? self.limits.size - self.spares.count : 0
        for _ in 0..<max(0, missing) where self.restUntil <= now {
            self.lastID += 1
            self.spares.append(Spare(id: self.lastID))
            actions.append(.dial(self.lastID))
        }
        var due = self.spares.compactMap(\.dueAt)
        if missing > 0, self.restUntil > now { due.append(self.restUntil) }
        if let next = due.min() { actions.append(.wake(after: next - now)) }
        return actions
    }
}
