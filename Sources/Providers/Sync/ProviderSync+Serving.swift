import Foundation
import Observability
import Personas
import Studio

// One job, one request.
extension ProviderSync {
    func serve(_ claimed: ProviderJob) async throws(StoreError) {
        guard self.gate.enter(now: self.clock.now()) else {
            return try await self.queue.letGo(claimed.personaID, by: self.holder)
        }
        let step = self.machine.step(for: claimed)
        let job = self.machine.note(step, on: claimed) ?? claimed
        guard try await self.isNoted(job, claimed) else { return }
        let event = await self.ask(step, job)
        self.take(event, of: step, job)
        let verdict = self.machine.verdict(job, step, event, now: self.clock.now(), dice: self.clock.dice())
        try await self.keep(verdict, of: job)
    }

    /// An attempt is on the disk before it is made.
    ///
    /// - Returns: false where the job is not what it was any more.
    private func isNoted(_ job: ProviderJob, _ claimed: ProviderJob) async throws(StoreError) -> Bool {
        guard job != claimed else { return true }
        do throws(StoreError) {
            let expiry = self.clock.now() + self.machine.pace.hold
            if try await self.queue.settle(job, by: self.holder, until: expiry) { return true }
            self.gate.left(now: self.clock.now())
        } catch {
            self.gate.left(now: self.clock.now())
            throw error
        }
        try await self.queue.letGo(job.personaID, by: self.holder)
        return false
    }

    private func ask(_ step: SyncMachine.Step, _ job: ProviderJob) async -> SyncMachine.Event {
        do throws(ProviderError) {
            switch step {
            case .find: return .found(try await self.provider.find(marker: job.marker))
            case .create: return .created(try await self.provider.create(job.payload))
            case .look(let id):
                let remote = try await self.provider.persona(id)
                return .seen(remote, try await self.parts(of: remote))
            case .update(let id):
                try await self.provider.update(id, to: job.payload)
                return .updated
            case .delete(let id):
                try await self.provider.delete(id)
                return .deleted
            }
        } catch {
            return Task.isCancelled ? .interrupted : .failed(error)
        }
    }

    /// What a persona is made of, up to the first part that is not ready: a provider that names a status is believed.
    private func parts(of remote: RemotePersona) async throws(ProviderError) -> [RemotePart] {
        guard remote.status == nil else { return [] }
        var parts: [RemotePart] = []
        if let id = remote.replicaID {
            parts.append(
                try await self.part(.replica, id) { id throws(ProviderError) in
                    .replica(try await self.provider.replica(id))
                })
        }
        for id in remote.documentIDs where parts.last?.progress ?? .ready == .ready {
            parts.append(
                try await self.part(.document, id) { id throws(ProviderError) in
                    .document(try await self.provider.document(id))
                })
        }
        return parts
    }

    private func part(
        _ kind: RemotePart.Kind, _ id: String, _ look: (String) async throws(ProviderError) -> RemotePart
    ) async throws(ProviderError) -> RemotePart {
        do throws(ProviderError) {
            return try await look(id)
        } catch {
            guard error.code == .gone else { throw error }
            return .missing(kind, id: id)
        }
    }

    /// The provider's own words are for the log alone.
    private func take(_ event: SyncMachine.Event, of step: SyncMachine.Step, _ job: ProviderJob) {
        self.metrics.asked(step, event)
        switch event {
        case .interrupted: self.gate.left(now: self.clock.now())
        case .failed(let error): self.failed(error, step.name, job)
        default: self.gate.answered()
        }
        self.metrics.show(isReachable: self.gate.isOpen)
    }

    func failed(_ error: ProviderError, _ step: String, _ job: ProviderJob) {
        let wasOpen = self.gate.isOpen
        self.gate.failed(error, now: self.clock.now(), dice: self.clock.dice())
        // While the provider is out of reach, one line says so; each probe would say the same.
        let level = wasOpen || !error.isUnsent ? LogLevel.warning : .debug
        self.log.record(
            level, "provider failed",
            [
                .jobID: .text(job.personaID.rawValue), .personaID: .text(job.personaID.rawValue),
                .eventType: .text(step), .errorCode: .text(error.code.rawValue),
                .providerReason: .text(error.detail.isEmpty ? error.message : error.detail),
                .count: .integer(job.state.attempts),
            ])
    }

    func keep(_ verdict: SyncMachine.Verdict, of job: ProviderJob) async throws(StoreError) {
        guard case .keep(let steps) = verdict else { return try await self.queue.forget(job.personaID) }
        for (index, step) in steps.enumerated() {
            let isLast = index == steps.count - 1
            let expiry = isLast ? nil : self.clock.now() + self.machine.pace.hold
            guard try await self.isKept(step, until: expiry) else {
                return try await self.queue.letGo(job.personaID, by: self.holder)
            }
            self.tell(step.state, of: job)
        }
    }

    private static let senseless = "the provider gave it the id of another persona"

    private func isKept(_ job: ProviderJob, until expiry: Date?) async throws(StoreError) -> Bool {
        do throws(StoreError) {
            return try await self.queue.settle(job, by: self.holder, until: expiry)
        } catch {
            guard error.code == .exists else { throw error }
            // Another persona of ours is said to have that id already.
            var job = job
            job.state.remoteID = nil
            job.fail(.init(code: ProviderError.Code.malformed.rawValue, message: Self.senseless), at: self.clock.now())
            return try await self.queue.settle(job, by: self.holder, until: nil)
        }
    }

    private func tell(_ state: SyncState, of job: ProviderJob) {
        let old = job.state
        guard state.status != old.status || state.change != old.change else { return }
        let id = LogValue.text(job.personaID.rawValue)
        if let failure = state.failure ?? state.change?.failure {
            self.log.warning(
                "persona failed at the provider",
                [.jobID: id, .personaID: id, .errorCode: .text(failure.code), .reason: .text(failure.message)])
        } else {
            self.log.info(
                "persona at the provider", [.jobID: id, .personaID: id, .eventType: .text(state.status.rawValue)])
        }
    }
}
