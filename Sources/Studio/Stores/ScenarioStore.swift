import Foundation

/// Keeps scenarios with their personas. Every method sees the records of one owner alone.
public protocol ScenarioStore: Sendable {
    /// - Throws: `StoreError` `notFound` also for a scenario of somebody else.
    func scenario(_ id: RecordID, of owner: String) async throws(StoreError) -> Scenario

    /// Newest first.
    func scenarios(_ query: ScenarioQuery) async throws(StoreError) -> Page<Scenario>

    /// How many scenarios of an owner each category has; those with none are absent.
    func scenarioCounts(of owner: String) async throws(StoreError) -> [Category: Int]

    /// Keeps a scenario, its persona and what a provider has to do for it, all or nothing.
    ///
    /// - Parameters:
    ///   - order: what is to be done at a provider; nil for a persona that exists here alone.
    ///   - answer: what is told the client, so that the same request made again is told the same and makes nothing.
    /// - Throws: `keyReused`, `exists`, `overQuota`.
    func create(
        _ scenario: Scenario, queueing order: ProviderOrder?, answering answer: RememberedAnswer?
    ) async throws(StoreError) -> Creation

    /// Puts a scenario and its persona in the place of the ones of the same id.
    ///
    /// - Parameters:
    ///   - order: what a provider is to have from now on; nil leaves what it has.
    ///   - version: which one is replaced; nil for whichever is there.
    /// - Returns: what is kept now.
    /// - Throws: `notFound`, `changed`, `overQuota`.
    func replace(
        _ scenario: Scenario, queueing order: ProviderOrder?, version: Int?
    ) async throws(StoreError) -> Scenario

    /// Takes out a scenario and its persona. Where a provider knows the persona, or may know it, the job to have it
    /// deleted there is queued with it.
    ///
    /// - Throws: `notFound`, `changed`.
    func deleteScenario(_ id: RecordID, of owner: String, version: Int?) async throws(StoreError)
}

/// Which scenarios a list shows.
public struct ScenarioQuery: Sendable, Equatable {
    public var owner: String
    public var category: Category?
    public var difficulty: Difficulty?
    public var isCustom: Bool?
    /// Anywhere in title, description or tags, without regard to case.
    public var text: String?
    public var window = PageWindow()

    public init(owner: String) {
        self.owner = owner
    }
}

/// Which part of a list is wanted.
public struct PageWindow: Sendable, Equatable {
    public static let maxCount = 100

    /// At most so many.
    public var count: Int
    /// Those that come after it; nil from the start.
    public var after: PageMark?

    public init(count: Int = 50, after: PageMark? = nil) {
        self.count = count
        self.after = after
    }
}

/// A place in a list that goes from new to old. What is made or deleted meanwhile moves nothing in or out behind it.
public struct PageMark: Sendable, Equatable {
    /// Milliseconds since 1970.
    public var createdAt: Int
    public var id: String

    public init(createdAt: Int, id: String) {
        self.createdAt = createdAt
        self.id = id
    }

    /// As a client sends it back.
    public var text: String { "\(self.createdAt).\(self.id)" }

    /// nil for what `text` never is.
    public init?(_ text: String) {
        guard let dot = text.firstIndex(of: "."), let time = Int(text[..<dot]),
            let id = RecordID(String(text[text.index(after: dot)...]))
        else { return nil }
        self.init(createdAt: time, id: id.rawValue)
    }
}

/// One part of a list.
public struct Page<Item: Sendable>: Sendable {
    public var items: [Item]
    /// Of the whole list.
    public var total: Int
    /// Where the next part begins; nil for the last one.
    public var next: PageMark?

    public init(items: [Item], total: Int, next: PageMark?) {
        self.items = items
        self.total = total
        self.next = next
    }
}

/// An answer that is told again when the same request comes again.
public struct RememberedAnswer: Sendable, Equatable {
    /// What the client calls the request; unique for its owner.
    public var key: String
    public var owner: String
    /// A hash of method, path and body: the same key with another request is a mistake.
    public var fingerprint: String
    public var status: Int
    public var headers: [String: String]
    public var body: [UInt8]

    public init(
        key: String, owner: String, fingerprint: String, status: Int, headers: [String: String], body: [UInt8]
    ) {
        self.key = key
        self.owner = owner
        self.fingerprint = fingerprint
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// What came of a request to make something.
public enum Creation: Sendable, Equatable {
    case made
    /// It was made before, by the same request.
    case repeated(RememberedAnswer)
}
