import Foundation
import JSON
import Personas

/// Keeps what is to be done at providers, in the order in which it came.
public protocol ProviderQueue: Sendable {
    /// - Throws: `StoreError` `exists` where the persona has a job already.
    func enqueue(_ job: ProviderJob) async throws(StoreError)

    /// The oldest job of a lane that is due, for `holder` alone until `expiry`: whoever dies holding a job does not keep
    /// it. A job that somebody works on is passed by, except by what is to be made: that waits for it, so that the order
    /// outlives whoever died in the midst of it.
    func claim(
        _ lane: ProviderLane, by holder: String, now: Date, until expiry: Date
    ) async throws(StoreError) -> ProviderJob?

    /// One job, due or not.
    ///
    /// - Returns: nil where there is nothing to be done for it, or somebody works on it.
    func claim(
        _ id: PersonaID, by holder: String, now: Date, until expiry: Date
    ) async throws(StoreError) -> ProviderJob?

    /// When the next job of a lane can be claimed; nil where none waits.
    func nextDue(_ lane: ProviderLane, now: Date) async throws(StoreError) -> Date?

    /// Keeps what became of a claimed job, all but its payload and its revision, which are its author's. `ready` and
    /// `error` are not due again by themselves.
    ///
    /// - Parameter expiry: holds the job on until then: something in the midst of it is noted, such as an attempt that
    ///   is about to be made, so that a crash does not forget it. nil lets it go.
    /// - Returns: false, and nothing changes, where the job is not `holder`'s any more, its wish has changed, or its
    ///   status has no such step.
    func settle(_ job: ProviderJob, by holder: String, until expiry: Date?) async throws(StoreError) -> Bool

    /// Lets a claimed job go as it is.
    func letGo(_ id: PersonaID, by holder: String) async throws(StoreError)

    /// The job of a persona, by its id here or by the provider's.
    ///
    /// - Parameter owner: nil for whoever made it.
    func job(_ id: String, of owner: String?) async throws(StoreError) -> ProviderJob?

    /// Takes a failed job up again, or the change of a persona that failed.
    ///
    /// - Returns: false where nothing has failed.
    func retry(_ id: PersonaID, of owner: String, now: Date) async throws(StoreError) -> Bool

    /// Makes every job due that still waits, so that somebody who looks sees the latest.
    ///
    /// - Returns: how many wait.
    @discardableResult
    func nudge(of owner: String, now: Date) async throws(StoreError) -> Int

    /// Forgets a job that is done for good.
    func forget(_ id: PersonaID) async throws(StoreError)

    func figures() async throws(StoreError) -> ProviderFigures
}

extension ProviderQueue {
    /// Keeps what became of a claimed job, and lets it go.
    public func settle(_ job: ProviderJob, by holder: String) async throws(StoreError) -> Bool {
        try await self.settle(job, by: holder, until: nil)
    }
}

/// Counts what users may do so often in a while, over restarts.
public protocol QuotaStore: Sendable {
    /// Takes one of a quota.
    ///
    /// - Returns: nil where it was taken, else the seconds after which to come back.
    func take(_ quota: Quota, of owner: String, now: Date) async throws(StoreError) -> Int?

    /// Gives the latest one back: nothing came of it.
    func giveBack(_ quota: Quota, of owner: String) async throws(StoreError)
}

extension QuotaStore {
    /// Takes one of `limit` in the `window` seconds before `now`.
    public func take(
        _ scope: String, of owner: String, limit: Int, window: Int, now: Date
    ) async throws(StoreError) -> Int? {
        try await self.take(Quota(scope, limit: limit, window: window), of: owner, now: now)
    }
}
