import Synchronization
import Transport

/// Knows whether every event loop still turns: each leaves the time every second, and a late one is stuck.
final class LoopHeartbeat: Sendable {
    /// A call that holds a loop for so long has stopped every conversation on it.
    static let patience = Duration.seconds(5)
    private static let interval = Duration.seconds(1)

    private let loops: [EventLoop]
    private let lastBeats: Mutex<[ContinuousClock.Instant]>

    init(_ loops: [EventLoop]) {
        self.loops = loops
        self.lastBeats = Mutex(Array(repeating: .now, count: loops.count))
        for position in loops.indices {
            loops[position].execute { [weak self] in self?.beat(position) }
        }
    }

    /// Indices of the loops that gave no sign within `patience`.
    var stuckLoops: [Int] {
        let now = ContinuousClock.now
        let beats = self.lastBeats.withLock { $0 }
        return zip(self.loops, beats).filter { now - $1 > Self.patience }.map { $0.0.index }
    }

    /// The timer keeps no hold on the heartbeat, and so ends with it.
    private func beat(_ position: Int) {
        self.lastBeats.withLock { $0[position] = .now }
        _ = self.loops[position].schedule(after: Self.interval) { [weak self] in self?.beat(position) }
    }
}
