import Foundation

/// One user's time with one persona.
public struct Visit: Sendable, Equatable {
    public var sessionID: String
    public var user: String
    public var personaID: String
    public var startedAt: Date
    public var durationMs: Int
    /// What the user said, in turns.
    public var turns: Int
    /// The user said something, and nothing went wrong.
    public var isCompleted: Bool

    public init(
        sessionID: String, user: String, personaID: String, startedAt: Date, durationMs: Int, turns: Int,
        isCompleted: Bool
    ) {
        self.sessionID = sessionID
        self.user = user
        self.personaID = personaID
        self.startedAt = startedAt
        self.durationMs = durationMs
        self.turns = turns
        self.isCompleted = isCompleted
    }
}

/// What visits amount to.
public struct UsageFigures: Sendable, Equatable {
    public var sessions: Int
    public var completions: Int
    /// Milliseconds of all visits.
    public var durationMs: Int
    public var ratings: Int
    public var stars: Int

    public init(sessions: Int = 0, completions: Int = 0, durationMs: Int = 0, ratings: Int = 0, stars: Int = 0) {
        self.sessions = sessions
        self.completions = completions
        self.durationMs = durationMs
        self.ratings = ratings
        self.stars = stars
    }
}

/// Keeps who talked with whom, for how long, and how it was liked. Never what was said.
public protocol UsageStore: Sendable {
    func record(_ visits: [Visit]) async throws(StoreError)

    /// Rates the last visit of a session; once more replaces.
    ///
    /// - Throws: `notFound` where the session is not the user's, or has ended with nobody.
    func rate(session: String, by user: String, stars: Int, now: Date) async throws(StoreError)

    func figures(ofPersona id: String) async throws(StoreError) -> UsageFigures
}

/// Two personas that users are divided between.
public struct Experiment: Sendable, Equatable {
    public enum Variant: String, Sendable, CaseIterable {
        case a, b
    }

    public var id: RecordID
    public var owner: String
    public var name: String
    public var personaA: String
    public var personaB: String
    public var createdAt: Date

    public init(id: RecordID, owner: String, name: String, personaA: String, personaB: String, createdAt: Date) {
        self.id = id
        self.owner = owner
        self.name = name
        self.personaA = personaA
        self.personaB = personaB
        self.createdAt = createdAt
    }

    public func persona(_ variant: Variant) -> String { variant == .a ? self.personaA : self.personaB }
}

/// Keeps experiments, and who has which variant.
public protocol ExperimentStore: Sendable {
    func create(_ experiment: Experiment, answering answer: RememberedAnswer?) async throws(StoreError) -> Creation

    /// - Parameter owner: nil for whoever made it.
    func experiment(_ id: RecordID, of owner: String?) async throws(StoreError) -> Experiment

    /// The variant of a user, the same for ever. Whoever comes first is given the one that fewer have.
    func variant(of user: String, in experiment: RecordID, now: Date) async throws(StoreError) -> Experiment.Variant

    func figures(of experiment: Experiment) async throws(StoreError) -> [Experiment.Variant: UsageFigures]
}

/// Everything that the studio keeps.
public typealias StudioStore = ScenarioStore & PersonaRecordStore & ProviderQueue & QuotaStore & UsageStore
    & ExperimentStore
