import Foundation
import JSON
import Personas

/// What is to be done at a provider for one persona, kept so that neither a crash nor a restart loses or doubles it.
public struct ProviderJob: Sendable, Equatable {
    /// What the provider should end up with.
    public enum Wish: String, Sendable {
        case present, absent
    }

    /// The persona's id here.
    public var personaID: PersonaID
    public var owner: String
    /// Which provider, in one word.
    public var provider: String
    public var wish: Wish
    /// The body of the request, ready to send.
    public var payload: JSONValue
    /// Travels inside the payload: by it a persona that was made in a request without an answer is found again.
    public var marker: String
    /// Counts what the author changed of the payload, from 1.
    public var revision = 1
    /// The revision that was sent last. While the provider's id is not known, another number than 0 says that a persona
    /// may be there; once it is known, 0 says that nobody knows which revision is.
    public var made = 0
    public var state: SyncState
    /// When it is worth another look.
    public var dueAt: Date

    public init(
        personaID: PersonaID, owner: String, provider: String, wish: Wish = .present, payload: JSONValue,
        marker: String, state: SyncState, dueAt: Date
    ) {
        self.personaID = personaID
        self.owner = owner
        self.provider = provider
        self.wish = wish
        self.payload = payload
        self.marker = marker
        self.state = state
        self.dueAt = dueAt
    }

    /// What the persona of that id carries as long as it lives.
    public static func marker(for id: PersonaID) -> String { "vaani:\(id)" }
}

/// A job that comes with the persona that it is for, and what it counts as.
public struct ProviderOrder: Sendable, Equatable {
    public var job: ProviderJob
    /// How many an owner may have made, and in which time; nil for any number.
    public var quota: Quota?
    /// Whether a persona that exists here alone is to be made there too; else only one that is there is changed.
    public var isForNew: Bool

    public init(_ job: ProviderJob, quota: Quota? = nil, isForNew: Bool = true) {
        self.job = job
        self.quota = quota
        self.isForNew = isForNew
    }
}

/// How often something may be done by one owner.
public struct Quota: Sendable, Equatable {
    /// What is counted.
    public var scope: String
    public var limit: Int
    /// Seconds.
    public var window: Int

    public init(_ scope: String, limit: Int, window: Int) {
        self.scope = scope
        self.limit = limit
        self.window = window
    }
}

/// A line in which jobs wait, each for its turn.
public enum ProviderLane: String, Sendable, CaseIterable {
    /// What the provider has not accepted yet. In order: who came first is made first.
    case creation
    /// What it has: its progress, its changes, its end.
    case care
}

/// How much waits at a provider.
public struct ProviderFigures: Sendable, Equatable {
    public var queued = 0
    public var processing = 0
    public var failed = 0
    /// Changes of personas that are ready, and personas to take out.
    public var changes = 0
    /// Since when the oldest of those that are queued or processing is so.
    public var oldest: Date?

    public init() {}
}
