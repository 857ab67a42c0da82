/// What a session has done so far, for its last log line.
struct SessionFigures: Sendable, Equatable {
    var turns = 0
    var usage = SessionUsage()
}

/// What an operator may know of a session while it runs.
public struct SessionStatus: Sendable, Equatable {
    /// nil until a persona was chosen and its model is ready.
    public var personaID: String?
    /// Of everything that the model was told: differs from session to session as their personas do.
    public var personaHash: String?
    /// Connections to models, dialling ones included.
    public var upstreams: Int
    public var turns: Int

    public init(personaID: String? = nil, personaHash: String? = nil, upstreams: Int = 0, turns: Int = 0) {
        self.personaID = personaID
        self.personaHash = personaHash
        self.upstreams = upstreams
        self.turns = turns
    }
}

/// Remembers the last few ids, to tell what comes twice.
struct RecentIDs: Sendable, Equatable {
    private let capacity: Int
    private var ids: [String] = []

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// True the first time.
    mutating func isNew(_ id: String) -> Bool {
        guard !self.ids.contains(id) else { return false }
        self.ids.append(id)
        if self.ids.count > self.capacity { self.ids.removeFirst() }
        return true
    }
}
