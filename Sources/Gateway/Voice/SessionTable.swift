/// How the connections of one user get on with each other.
public enum SessionFlavour: String, Sendable {
    /// `/ws-mobile`, a phone: its newest connection takes the place of the one before.
    case mobile
    /// `/ws`, a web page: several at once, each on its own.
    case web
}

/// Which sessions are open, and whether one more may be. A value: whoever keeps it locks it. `Key` names a connection.
struct SessionTable<Key: Hashable & Sendable>: Sendable {
    struct Limits: Sendable {
        /// Sessions in all.
        var sessions: Int
        /// Sessions of one user, on web pages.
        var sessionsPerUser: Int
    }

    enum Refusal: Sendable, Equatable {
        case draining
        case full
        case tooManyOfUser
    }

    private struct Entry: Sendable {
        let user: UserID
        let flavour: SessionFlavour
    }

    private let limits: Limits
    private var entries: [Key: Entry] = [:]
    private var keysOfUser: [UserID: [Key]] = [:]
    private(set) var isDraining = false

    init(limits: Limits) {
        self.limits = limits
    }

    var count: Int { self.entries.count }
    var keys: some Collection<Key> { self.entries.keys }

    /// Why a connection may not be opened now; nil where it may.
    ///
    /// A phone that comes back before its old connection is known to be dead is always let in where it replaces one.
    func refusal(user: UserID, flavour: SessionFlavour) -> Refusal? {
        if self.isDraining { return .draining }
        let own = self.keys(of: user, flavour)
        if flavour == .mobile, !own.isEmpty { return nil }
        if self.entries.count >= self.limits.sessions { return .full }
        return flavour == .web && own.count >= self.limits.sessionsPerUser ? .tooManyOfUser : nil
    }

    /// Enters a connection that has opened, and returns those that it takes the place of, oldest first.
    ///
    /// Does not refuse: an accepted connection that is closed at once makes phones connect in a loop, so the few
    /// that were let in side by side may exceed the limit by as many as there were handshakes under way.
    mutating func add(_ key: Key, user: UserID, flavour: SessionFlavour) -> [Key] {
        precondition(self.entries[key] == nil, "connection entered twice")
        let superseded = flavour == .mobile ? self.keys(of: user, .mobile) : []
        self.entries[key] = Entry(user: user, flavour: flavour)
        self.keysOfUser[user, default: []].append(key)
        return superseded
    }

    /// Takes out a connection that is closed. Knows it at most once.
    @discardableResult
    mutating func remove(_ key: Key) -> Bool {
        guard let entry = self.entries.removeValue(forKey: key) else { return false }
        self.keysOfUser[entry.user]?.removeAll { $0 == key }
        if self.keysOfUser[entry.user]?.isEmpty == true { self.keysOfUser[entry.user] = nil }
        return true
    }

    /// From now on nothing is let in. Returns what is open.
    mutating func drain() -> [Key] {
        self.isDraining = true
        return Array(self.entries.keys)
    }

    private func keys(of user: UserID, _ flavour: SessionFlavour) -> [Key] {
        (self.keysOfUser[user] ?? []).filter { self.entries[$0]?.flavour == flavour }
    }
}
