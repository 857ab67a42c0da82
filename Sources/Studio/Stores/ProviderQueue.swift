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
}

/// Keeps what is to be done at providers, in the order in which it came.
public protocol ProviderQueue: Sendable {
    /// - Throws: `StoreError` `exists` where the persona has a job already.
    func enqueue(_ job: ProviderJob) async throws(StoreError)

    /// The oldest job that is due and that nobody works on, for `holder` alone until `expiry`: whoever dies holding a
    /// job does not keep it.
    func claim(by holder: String, now: Date, until expiry: Date) async throws(StoreError) -> ProviderJob?

    /// Keeps what became of a claimed job. `ready` and `error` are not due again by themselves.
    ///
    /// - Parameter isDone: lets the job go; false notes something in the midst of it, such as an attempt that is about to
    ///   be made, so that a crash does not forget it.
    /// - Returns: false, and nothing changes, where the job is not `holder`'s any more, its wish has changed, or its
    ///   status has no such step.
    func settle(_ job: ProviderJob, by holder: String, isDone: Bool) async throws(StoreError) -> Bool

    /// The job of a persona, by its id here or by the provider's.
    ///
    /// - Parameter owner: nil for whoever made it.
    func job(_ id: String, of owner: String?) async throws(StoreError) -> ProviderJob?

    /// Takes a failed job up again.
    ///
    /// - Returns: false where it has not failed.
    func retry(_ id: PersonaID, of owner: String, now: Date) async throws(StoreError) -> Bool

    /// Makes every job due that still waits, so that somebody who looks sees the latest.
    func nudge(of owner: String, now: Date) async throws(StoreError)

    /// Forgets a job that is done for good.
    func forget(_ id: PersonaID) async throws(StoreError)
}

extension ProviderQueue {
    /// Keeps what became of a claimed job, and lets it go.
    public func settle(_ job: ProviderJob, by holder: String) async throws(StoreError) -> Bool {
        try await self.settle(job, by: holder, isDone: true)
    }
}

/// Counts what users may do so often in a while, over restarts.
public protocol QuotaStore: Sendable {
    /// Takes one of `limit` in the `window` seconds before `now`.
    ///
    /// - Returns: nil where it was taken, else the seconds after which to come back.
    func take(_ scope: String, of owner: String, limit: Int, window: Int, now: Date) async throws(StoreError) -> Int?
}
