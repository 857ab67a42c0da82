/// Time and chance, as calls to a model see them: the system's in production, a test's own in tests.
public struct ModelClock: Sendable {
    public var now: @Sendable () -> ContinuousClock.Instant
    /// Throws when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// 0…1.
    public var random: @Sendable () -> Double

    public init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void, random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    public static let system = ModelClock(
        now: { .now }, sleep: { try await Task.sleep(for: $0) }, random: { .random(in: 0...1) })
}
