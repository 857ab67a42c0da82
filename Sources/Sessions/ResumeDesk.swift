import Hashing
import Synchronization

/// Where a client that lost its connection finds its conversation again.
///
/// A token opens one session, once, for the user whom it was given to, and only its hash is kept: whoever reads this table
/// can resume nobody's call.
public final class ResumeDesk: Sendable {
    private struct State {
        var sessions: [String: VoiceSession] = [:]
        /// Without a connection.
        var waiting = 0
        var isClosed = false
    }

    private let maxWaiting: Int
    private let state = Mutex(State())

    /// - Parameter maxWaiting: conversations that may wait for their clients at one time; each keeps its model.
    public init(maxWaiting: Int = 10_000) {
        self.maxWaiting = maxWaiting
    }

    /// Conversations that wait for their clients.
    public var waiting: Int { self.state.withLock { $0.waiting } }

    /// A new token for a session.
    func issue(for session: VoiceSession) -> String {
        let words = (0..<4).map { _ in UInt64.random(in: .min ... .max) }
        let token = words.map { String($0, radix: 36) }.joined(separator: "-")
        self.state.withLock { $0.sessions[Self.hash(token)] = session }
        return token
    }

    /// Takes a token; nil where it is unknown, used, or somebody else's.
    func claim(_ token: String, user: String) -> VoiceSession? {
        let hash = Self.hash(token)
        return self.state.withLock { state in
            // In the wrong hands it stays good for its owner.
            guard let session = state.sessions[hash], session.identity.user == user else { return nil }
            state.sessions[hash] = nil
            return session
        }
    }

    /// False where the token was taken: its client is on the way.
    @discardableResult
    func revoke(_ token: String) -> Bool {
        self.state.withLock { $0.sessions.removeValue(forKey: Self.hash(token)) != nil }
    }

    /// A session begins to wait; false where there is no room.
    func beginWaiting() -> Bool {
        self.state.withLock { state in
            guard !state.isClosed, state.waiting < self.maxWaiting else { return false }
            state.waiting += 1
            return true
        }
    }

    func endWaiting() {
        self.state.withLock { $0.waiting -= 1 }
    }

    /// The gateway stops: nobody waits any longer.
    public func close() {
        let sessions = self.state.withLock { state in
            state.isClosed = true
            return Array(state.sessions.values)
        }
        for session in sessions { session.giveUpWaiting() }
    }

    private static func hash(_ token: String) -> String { SHA256.hex(Array(token.utf8)) }
}
