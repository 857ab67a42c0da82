/// Where sessions live: an event loop.
public protocol SessionExecutor: SerialExecutor {
    /// Runs `work` there, after all that was given before; from any thread.
    func execute(_ work: @escaping @Sendable () -> Void)
}

/// Time, as a session sees it: the event loop's in production, a test's own in tests.
public protocol SessionClock: Sendable {
    /// Milliseconds since a moment that does not change.
    var nowMs: Int { get }

    /// Runs `work` on `executor` after a time. Called on `executor`.
    func schedule(
        after delay: Duration, on executor: any SerialExecutor, _ work: @escaping @Sendable () -> Void
    ) -> any SessionAlarm
}

public protocol SessionAlarm: Sendable {
    func cancel()
}
