import Foundation
import Personas
import Studio

// For somebody who waits and asks.
extension ProviderSync {
    /// The job of a persona, after one look at the provider where there is something to look at. Where the provider cannot
    /// be asked, what is known stands.
    ///
    /// - Parameter id: the persona's own, or the provider's.
    /// - Returns: nil where that owner has no such persona at the provider.
    public func look(_ id: String, of owner: String) async throws(StoreError) -> ProviderJob? {
        guard let job = try await self.queue.job(id, of: owner), job.wish == .present else { return nil }
        guard let remoteID = job.state.remoteID, self.gate.enter(now: self.clock.now()) else { return job }
        guard let remote = await self.glimpse(remoteID, job) else { return job }
        return try await self.learnt(remote, of: job)
    }

    private func glimpse(_ remoteID: String, _ job: ProviderJob) async -> RemotePersona? {
        do throws(ProviderError) {
            let remote = try await self.provider.persona(remoteID)
            self.gate.answered()
            return remote
        } catch {
            self.failed(error, "status", job)
            return nil
        }
    }

    /// What one look shows is kept, where it is more than was known, and nobody else is at it.
    private func learnt(_ remote: RemotePersona, of job: ProviderJob) async throws(StoreError) -> ProviderJob {
        let now = self.clock.now()
        guard job.state.status != .ready, remote.showsWhole,
            let claimed = try await self.queue.claim(
                job.personaID, by: self.holder, now: now, until: now + self.machine.pace.hold)
        else { return job }
        guard let steps = self.machine.glimpsed(remote, claimed, now: now) else {
            try await self.queue.letGo(job.personaID, by: self.holder)
            return claimed
        }
        try await self.keep(.keep(steps), of: claimed)
        return steps.last ?? claimed
    }
}

extension RemotePersona {
    /// Nothing but the persona itself has to be looked at to know how far it is.
    fileprivate var showsWhole: Bool {
        self.status != nil || (self.replicaID == nil && self.documentIDs.isEmpty)
    }
}
