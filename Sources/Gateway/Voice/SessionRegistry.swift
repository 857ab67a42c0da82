import Synchronization
import Transport

/// Every voice session of the process, over all event loops.
///
/// Locked for a look-up or a change only; what it tells a session, it tells after the lock is open again.
public final class SessionRegistry: Sendable {
    /// Why a session is told to end by somebody else than its client.
    public enum Ending: Sendable, Equatable {
        /// The user has opened a newer connection.
        case superseded
        /// The server stops; the session may finish its sentence until then.
        case drained(by: ContinuousClock.Instant)
        /// An operator ended it.
        case removed
    }

    /// How the registry reaches a session.
    struct Member: Sendable {
        let user: UserID
        let flavour: SessionFlavour
        /// Asks the session to end; from any thread.
        let end: @Sendable (Ending) -> Void
        /// What an operator may know of it.
        let describe: @Sendable () async -> SessionSummary
    }

    fileprivate struct State {
        var table: SessionTable<ConnectionID>
        var members: [ConnectionID: Member] = [:]
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(limits: SessionTable<ConnectionID>.Limits) {
        self.state = Mutex(State(table: SessionTable(limits: limits)))
    }

    public var count: Int { self.state.withLock { $0.table.count } }
    public var isDraining: Bool { self.state.withLock { $0.table.isDraining } }

    /// Why a newcomer may not connect now; nil where it may.
    func refusal(user: UserID, flavour: SessionFlavour) -> SessionTable<ConnectionID>.Refusal? {
        self.state.withLock { $0.table.refusal(user: user, flavour: flavour) }
    }

    /// Enters a session whose connection is open, and ends those that it takes the place of.
    func enter(_ id: ConnectionID, _ member: Member) {
        let (superseded, isDraining) = self.state.withLock { state in
            let keys = state.table.add(id, user: member.user, flavour: member.flavour)
            let superseded = keys.compactMap { state.members[$0] }
            state.members[id] = member
            return (superseded, state.table.isDraining)
        }
        for old in superseded { old.end(.superseded) }
        // It was let in before the drain began and opened after: nobody else will tell it.
        if isDraining { member.end(.drained(by: .now)) }
    }

    func leave(_ id: ConnectionID) {
        let waiters = self.state.withLock { state in
            guard state.table.remove(id) else { return [CheckedContinuation<Void, Never>]() }
            state.members[id] = nil
            return state.takeWaitersIfEmpty()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Lets nobody in any more and asks every session to end.
    ///
    /// - Parameter deadline: when the connections will be cut.
    public func drain(by deadline: ContinuousClock.Instant) {
        let members = self.state.withLock { state in
            state.table.drain().compactMap { state.members[$0] }
        }
        for member in members { member.end(.drained(by: deadline)) }
    }

    /// Returns when the last session has left.
    public func waitUntilEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = self.state.withLock { state in
                if state.table.count > 0 { state.waiters.append(continuation) }
                return state.table.count == 0
            }
            if isEmpty { continuation.resume() }
        }
    }

    /// What is open, for an operator.
    public func summaries() async -> [SessionSummary] {
        let members = self.state.withLock { Array($0.members.values) }
        var summaries: [SessionSummary] = []
        for member in members { summaries.append(await member.describe()) }
        return summaries.sorted { $0.openedAt < $1.openedAt }
    }

    /// Ends the session of that id.
    ///
    /// - Returns: false where there is none.
    public func remove(session id: String) async -> Bool {
        let members = self.state.withLock { Array($0.members.values) }
        for member in members where await member.describe().id == id {
            member.end(.removed)
            return true
        }
        return false
    }
}

extension SessionRegistry.State {
    fileprivate mutating func takeWaitersIfEmpty() -> [CheckedContinuation<Void, Never>] {
        guard self.table.count == 0 else { return [] }
        defer { self.waiters = [] }
        return self.waiters
    }
}
