import JSON
import Synchronization

/// What happens in a job, for any number of readers: each reads at its own pace, from wherever it wants, and a slow one
/// holds up nobody. There is one copy of the events, however many read.
public final class JobFeed: Sendable {
    /// What a reader has not seen.
    public struct Part: Sendable, Equatable {
        public var events: [JSONValue]
        /// The same as JSON in UTF-8, each without a line break.
        public var encoded: [[UInt8]]
        /// Nothing will follow.
        public var isOver: Bool
    }

    private struct State {
        var events: [JSONValue]
        /// Written once, however many read.
        var encoded: [[UInt8]]
        var isOver: Bool
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state: Mutex<State>

    public init(_ job: PromptJob) {
        self.state = Mutex(State(events: job.events, encoded: job.events.map(\.encoded), isOver: job.isOver))
    }

    /// How many wait at this moment.
    var waiterCount: Int { self.state.withLock { $0.waiters.count } }

    func publish(_ job: PromptJob) {
        let known = self.state.withLock { $0.encoded.count }
        let news = job.events.dropFirst(known).map(\.encoded)
        let waiters = self.state.withLock { state in
            state.events = job.events
            state.encoded = state.encoded.prefix(known) + news
            state.isOver = job.isOver
            defer { state.waiters = [:] }
            return state.waiters.values.map { $0 }
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Events after the `seen` first ones, at once where there are any.
    public func part(after seen: Int) -> Part {
        self.state.withLock { state in
            let seen = max(0, seen)
            return Part(
                events: Array(state.events.dropFirst(seen)), encoded: Array(state.encoded.dropFirst(seen)),
                isOver: state.isOver)
        }
    }

    /// Returns once there is more than the `seen` first events, or nothing will follow, or the task is cancelled.
    public func wait(after seen: Int) async {
        let number = self.state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = self.state.withLock { state in
                    guard state.events.count <= seen, !state.isOver, !Task.isCancelled else { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            self.state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
