import Foundation
import JSON
import Personas
import Studio
import Testing

@testable import Storage

@Suite struct ProviderOrderTests {
    private let start = Sample.start
    private static let quota = Quota("provider_personas", limit: 1, window: 3_600)

    private func order(
        _ scenario: Scenario, _ payload: JSONValue = ["persona_name": "Coach"], quota: Quota? = nil,
        isForNew: Bool = true, after seconds: Double = 0
    ) -> ProviderOrder {
        let now = self.start + seconds
        let job = ProviderJob(
            personaID: scenario.persona.id, owner: scenario.owner, provider: "double", payload: payload,
            marker: ProviderJob.marker(for: scenario.persona.id), state: SyncState(queuedAt: now), dueAt: now)
        return ProviderOrder(job, quota: quota, isForNew: isForNew)
    }

    /// Keeps a scenario whose persona the provider has, in that status.
    private func made(_ status: SyncStatus, _ store: StudioDatabase) async throws -> Scenario {
        let scenario = Sample.scenario()
        _ = try await store.create(scenario, queueing: self.order(scenario), answering: nil)
        var job = try #require(await store.claim(.creation, by: "a", now: self.start, until: self.start + 30))
        job.state.remoteID = "p1"
        job.made = 1
        for next in [SyncStatus.processing, status] {
            job.state.advance(
                to: next, at: self.start, failure: next == .error ? .init(code: "x", message: "no") : nil)
            #expect(try await store.settle(job, by: "a", until: next == status ? nil : self.start + 30))
        }
        return scenario
    }

    @Test func `a persona that is saved again keeps its place, and its status while it can be called`() async throws {
        try await StoreFolder.with { store in
            let scenario = try await self.made(.ready, store)
            let changed = self.order(scenario, ["persona_name": "Guide"], after: 60)
            let kept = try await store.replace(scenario, queueing: changed, version: nil)
            #expect(kept.persona.sync?.status == .ready && kept.persona.sync?.change == .pending)
            #expect(try await store.claim(.creation, by: "a", now: self.start + 60, until: self.start + 90) == nil)
            var job = try #require(await store.claim(.care, by: "a", now: self.start + 60, until: self.start + 90))
            #expect(job.payload == ["persona_name": "Guide"] && job.revision == 2 && job.made == 1)
            job.made = 2
            job.state.change = nil
            #expect(try await store.settle(job, by: "a"))
            #expect(try await store.scenario(scenario.id, of: "tara").persona.sync?.change == nil)
            #expect(try await store.nextDue(.care, now: self.start) == nil)
        }
    }

    @Test func `what has not changed asks nothing of the provider`() async throws {
        try await StoreFolder.with { store in
            let scenario = try await self.made(.ready, store)
            let kept = try await store.replace(scenario, queueing: self.order(scenario, after: 60), version: nil)
            #expect(kept.persona.sync?.change == nil)
            #expect(try await store.job("p1", of: "tara")?.revision == 1)
        }
    }

    @Test func `S0-7 a failed persona that is saved again waits again, be it as it was`() async throws {
        try await StoreFolder.with { store in
            let scenario = try await self.made(.error, store)
            let kept = try await store.replace(scenario, queueing: self.order(scenario, after: 60), version: nil)
            #expect(kept.persona.sync?.status == .queued && kept.persona.sync?.failure == nil)
            #expect(kept.persona.sync?.lastStatusAt == self.start + 60 && kept.persona.sync?.attempts == 0)
        }
    }

    @Test func `an edit while somebody is at it is due when that is over`() async throws {
        try await StoreFolder.with { store in
            let scenario = Sample.scenario()
            _ = try await store.create(scenario, queueing: self.order(scenario), answering: nil)
            var job = try #require(await store.claim(.creation, by: "a", now: self.start, until: self.start + 30))
            _ = try await store.replace(
                scenario, queueing: self.order(scenario, ["persona_name": "Guide"], after: 5), version: nil)
            job.state.advance(to: .processing, at: self.start + 6)
            job.state.remoteID = "p1"
            job.made = 1
            job.dueAt = self.start + 600
            #expect(try await store.settle(job, by: "a"))
            let next = try #require(await store.claim(.care, by: "a", now: self.start + 6, until: self.start + 30))
            #expect(next.payload == ["persona_name": "Guide"] && next.revision == 2 && next.made == 1)
        }
    }

    @Test func `a change that failed is told, is not tried by itself, and is taken up by a retry`() async throws {
        try await StoreFolder.with { store in
            let scenario = try await self.made(.ready, store)
            _ = try await store.replace(scenario, queueing: self.order(scenario, ["a": 1], after: 1), version: nil)
            var job = try #require(await store.claim(.care, by: "a", now: self.start + 1, until: self.start + 30))
            let failure = SyncState.Failure(code: "provider_rejected", message: "not taken")
            job.state.change = .failed(failure)
            #expect(try await store.settle(job, by: "a"))
            #expect(try await store.scenario(scenario.id, of: "tara").persona.sync?.change == .failed(failure))
            #expect(try await store.nextDue(.care, now: self.start) == nil)
            #expect(try await store.retry(scenario.persona.id, of: "tara", now: self.start + 9))
            let again = try await store.job("p1", of: "tara")
            #expect(again?.state.status == .ready && again?.state.change == .pending)
            #expect(try await store.nextDue(.care, now: self.start) == self.start + 9)
        }
    }

    @Test func `a persona that exists here alone stays so, unless the order is for a new one`() async throws {
        try await StoreFolder.with { store in
            let scenario = Sample.scenario()
            _ = try await store.create(scenario, queueing: nil, answering: nil)
            var kept = try await store.replace(scenario, queueing: self.order(scenario, isForNew: false), version: nil)
            #expect(kept.persona.sync == nil)
            kept = try await store.replace(scenario, queueing: self.order(scenario), version: nil)
            #expect(kept.persona.sync?.status == .queued)
        }
    }

    @Test func `S0-56 a creation beyond the quota keeps nothing, and one that was answered is answered again`()
        async throws
    {
        try await StoreFolder.with { store in
            let first = Sample.scenario(), second = Sample.scenario()
            let answer = Sample.answer("k1")
            let taken = self.order(first, quota: Self.quota)
            #expect(try await store.create(first, queueing: taken, answering: answer) == .made)
            let wait = await refusal {
                _ = try await store.create(second, queueing: self.order(second, quota: Self.quota), answering: nil)
            }
            #expect(wait?.code == .overQuota && wait?.retryAfterSeconds == 3_600)
            #expect(await code { _ = try await store.scenario(second.id, of: "tara") } == .notFound)
            let again = try await store.create(
                second, queueing: self.order(second, quota: Self.quota), answering: answer)
            #expect(again == .repeated(answer))
            // An edit is no creation.
            let edit = self.order(first, ["a": 1], quota: Self.quota, after: 1)
            #expect(try await store.replace(first, queueing: edit, version: nil).persona.sync?.status == .queued)
            _ = try await store.create(
                second, queueing: self.order(second, quota: Self.quota, after: 3_600), answering: nil)
        }
    }

    @Test func `figures say what waits and since when`() async throws {
        try await StoreFolder.with { store in
            #expect(try await store.figures() == ProviderFigures())
            let ready = try await self.made(.ready, store)
            _ = try await store.replace(ready, queueing: self.order(ready, ["a": 1]), version: nil)
            let queued = Sample.scenario()
            _ = try await store.create(queued, queueing: self.order(queued, after: 5), answering: nil)
            var figures = ProviderFigures()
            figures.queued = 1
            figures.changes = 1
            figures.oldest = self.start + 5
            #expect(try await store.figures() == figures)
            #expect(try await store.nudge(of: "tara", now: self.start + 9) == 2)
        }
    }
}

/// The error that `body` throws.
private func refusal(_ body: () async throws -> Void) async -> StoreError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? StoreError
    }
}
