import Synchronization

/// Who was greeted by whom a moment ago: a phone that reconnects by itself must not hear the greeting again.
public final class GreetingMemory: Sendable {
    private struct Key: Hashable {
        let user: String
        let persona: String
    }

    private let windowMs: Int
    private let capacity: Int
    private let greeted = Mutex<[Key: Int]>([:])

    /// - Parameters:
    ///   - windowMs: how long a greeting is remembered after the session that heard it was last seen.
    ///   - capacity: greetings remembered; beyond it the old ones go first.
    public init(windowMs: Int = 60_000, capacity: Int = 100_000) {
        self.windowMs = windowMs
        self.capacity = capacity
    }

    func remember(user: String, persona: String, nowMs: Int) {
        self.greeted.withLock { greeted in
            greeted[Key(user: user, persona: persona)] = nowMs
            guard greeted.count > self.capacity else { return }
            let limit = nowMs - self.windowMs
            greeted = greeted.filter { $0.value > limit }
            if greeted.count > self.capacity { greeted.removeAll(keepingCapacity: true) }
        }
    }

    func isKnown(_ user: String, _ persona: String) -> Bool {
        self.greeted.withLock { $0[Key(user: user, persona: persona)] != nil }
    }

    func isRecent(user: String, persona: String, nowMs: Int) -> Bool {
        self.greeted.withLock { $0[Key(user: user, persona: persona)].map { nowMs - $0 < self.windowMs } ?? false }
    }
}
