import Sessions
import Transport

/// The time of sessions that live on event loops.
public struct LoopClock: SessionClock {
    private static let start = ContinuousClock.now

    public init() {}

    public var nowMs: Int { Int((ContinuousClock.now - Self.start) / .milliseconds(1)) }

    public func schedule(
        after delay: Duration, on executor: any SerialExecutor, _ work: @escaping @Sendable () -> Void
    ) -> any SessionAlarm {
        guard let loop = executor as? EventLoop else { preconditionFailure("a voice session lives on an event loop") }
        return loop.schedule(after: delay, work)
    }
}

extension ScheduledTask: SessionAlarm {}

extension EventLoop: SessionExecutor {}
