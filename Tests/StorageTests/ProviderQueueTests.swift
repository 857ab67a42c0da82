import Foundation
import Personas
import Studio
import Testing

@testable import Storage

@Suite struct ProviderQueueTests {
    private let start = Sample.start

    @Test func `S0-47 what is new is claimed in order, and waits for the first as long as somebody has it`()
        async throws
    {
        try await StoreFolder.with { store in
            for id in ["per_1", "per_2", "per_3"] { try await store.enqueue(Sample.job(id)) }
            try await store.enqueue(Sample.job("per_4", due: 60))
            #expect(try await store.nextDue(.creation, now: start) == start)
            #expect(try await self.claim(.creation, in: store) == "per_1")
            #expect(try await self.claim(.creation, in: store) == nil)
            #expect(try await store.nextDue(.creation, now: start) == start + 30)
            for (id, next) in [("per_1", "per_2"), ("per_2", "per_3"), ("per_3", nil)] {
                var job = Sample.job(id)
                job.state.advance(to: .processing, at: start)
                job.state.remoteID = "remote-\(id)"
                #expect(try await store.settle(job, by: "a"))
                #expect(try await self.claim(.creation, in: store) == next)
            }
            #expect(try await store.nextDue(.creation, now: start) == start + 60)
        }
    }

    @Test func `what the provider has is claimed each by one alone, whoever else is at work`() async throws {
        try await StoreFolder.with { store in
            for id in ["per_1", "per_2"] {
                var job = Sample.job(id)
                job.state.remoteID = "remote-\(id)"
                try await store.enqueue(job)
            }
            #expect(try await self.claim(.care, in: store) == "per_1")
            #expect(try await self.claim(.care, in: store) == "per_2")
            #expect(try await self.claim(.care, in: store) == nil)
            #expect(try await store.nextDue(.care, now: start) == start + 30)
        }
    }

    private func claim(_ lane: ProviderLane, in store: StudioDatabase) async throws -> String? {
        try await store.claim(lane, by: "a", now: start, until: start + 30)?.personaID.rawValue
    }

    @Test func `a job is claimed again once its holder is dead`() async throws {
        try await StoreFolder.with { store in
            try await store.enqueue(Sample.job("per_1"))
            #expect(try await self.claim(.creation, in: store) == "per_1")
            let again = try await store.claim(.creation, by: "b", now: start + 30, until: start + 60)
            #expect(again?.personaID.rawValue == "per_1")
            // The one that was thought dead comes back too late.
            #expect(try await store.settle(Sample.job("per_1"), by: "a") == false)
        }
    }

    @Test func `S0-7 a stored status takes only the steps that exist`() async throws {
        try await StoreFolder.with { store in
            try await store.enqueue(Sample.job("per_1"))
            var job = try #require(await store.claim(.creation, by: "a", now: start, until: start + 30))
            job.state = SyncState(
                stored: .ready, failure: nil, lastStatusAt: start, source: .derived, remoteID: "p1", attempts: 1)
            #expect(try await store.settle(job, by: "a") == false)
            job.state = SyncState(queuedAt: start)
            job.state.advance(to: .processing, at: start + 1)
            job.state.remoteID = "p123"
            #expect(try await store.settle(job, by: "a"))
            #expect(try await store.job("p123", of: "tara")?.state == job.state)
            #expect(try await store.job("p123", of: "ravi") == nil)
        }
    }

    @Test func `a failed job is taken up again by its owner alone`() async throws {
        try await StoreFolder.with { store in
            try await store.enqueue(Sample.job("per_1"))
            var job = try #require(await store.claim(.creation, by: "a", now: start, until: start + 30))
            job.state.advance(to: .error, at: start, failure: .init(code: "timeout", message: "timed out"))
            #expect(try await store.settle(job, by: "a"))
            #expect(try await store.claim(.creation, by: "a", now: start + 99, until: start + 100) == nil)
            let id = try #require(PersonaID("per_1"))
            #expect(try await store.retry(id, of: "ravi", now: start) == false)
            #expect(try await store.retry(id, of: "tara", now: start))
            #expect(try await store.job("per_1", of: nil)?.state == SyncState(queuedAt: start))
        }
    }

    @Test func `S0-13 an attempt is noted before it is made, and outlives whoever made it`() async throws {
        let folder = StoreFolder()
        try await folder.open { store in
            try await store.enqueue(Sample.job("per_1"))
            var job = try #require(await store.claim(.creation, by: "a", now: start, until: start + 30))
            job.state.advance(to: .processing, at: start)
            job.state.attempts = 1
            job.made = 1
            #expect(try await store.settle(job, by: "a", until: start + 30))
            #expect(try await store.claim(.creation, by: "b", now: start + 29, until: start + 60) == nil)
        }
        try await folder.open { store in
            let again = try #require(await store.claim(.creation, by: "b", now: start + 30, until: start + 60))
            #expect(again.state.attempts == 1 && again.state.status == .processing && again.made == 1)
            #expect(again.marker == "vaani:per_1")
        }
    }

    @Test func `a scenario and its job are kept together or not at all`() async throws {
        try await StoreFolder.with { store in
            let scenario = Sample.scenario()
            let job = Sample.job(scenario.persona.id.rawValue)
            try await store.enqueue(job)
            #expect(
                await code { _ = try await store.create(scenario, queueing: ProviderOrder(job), answering: nil) }
                    == .exists)
            #expect(await code { _ = try await store.scenario(scenario.id, of: "tara") } == .notFound)
            let other = Sample.scenario()
            let otherJob = Sample.job(other.persona.id.rawValue)
            _ = try await store.create(other, queueing: ProviderOrder(otherJob), answering: nil)
            #expect(try await store.scenario(other.id, of: "tara").persona.sync?.status == .queued)
        }
    }

    @Test func `who is deleted here is deleted at the provider, unless that never heard of it`() async throws {
        try await StoreFolder.with { store in
            let unknown = Sample.scenario(), known = Sample.scenario()
            for scenario in [unknown, known] {
                let job = Sample.job(scenario.persona.id.rawValue)
                _ = try await store.create(scenario, queueing: ProviderOrder(job), answering: nil)
            }
            try await store.deleteScenario(unknown.id, of: "tara", version: nil)
            #expect(try await store.job(unknown.persona.id.rawValue, of: nil) == nil)
            var job = try #require(await store.claim(.creation, by: "a", now: start, until: start + 30))
            job.state.advance(to: .processing, at: start)
            job.state.remoteID = "p1"
            #expect(try await store.settle(job, by: "a", until: start + 30))
            try await store.deleteScenario(known.id, of: "tara", version: nil)
            // Its maker comes too late to say that it is ready.
            job.state.advance(to: .ready, at: start)
            #expect(try await store.settle(job, by: "a") == false)
            let left = try #require(await store.job("p1", of: "tara"))
            #expect(left.wish == .absent && left.state.status == .queued && left.state.remoteID == "p1")
            try await store.forget(left.personaID)
            #expect(try await store.job("p1", of: nil) == nil)
        }
    }

    @Test func `S0-13 a nudge leaves alone what may yet appear at the provider`() async throws {
        try await StoreFolder.with { store in
            let scenario = Sample.scenario()
            let order = ProviderOrder(Sample.job(scenario.persona.id.rawValue))
            _ = try await store.create(scenario, queueing: order, answering: nil)
            var job = try #require(await store.claim(.creation, by: "a", now: start, until: start + 30))
            job.made = 1
            job.dueAt = start + 20
            #expect(try await store.settle(job, by: "a"))
            try await store.nudge(of: "tara", now: start)
            #expect(try await store.claim(.creation, by: "a", now: start + 19, until: start + 30) == nil)
            // Nor is it forgotten any sooner.
            try await store.deleteScenario(scenario.id, of: "tara", version: nil)
            #expect(try await store.claim(.care, by: "a", now: start + 19, until: start + 30) == nil)
            #expect(try await store.claim(.care, by: "a", now: start + 20, until: start + 30)?.wish == .absent)
        }
    }

    @Test func `a nudge makes what waits due`() async throws {
        try await StoreFolder.with { store in
            try await store.enqueue(Sample.job("per_1", due: 600))
            #expect(try await store.claim(.creation, by: "a", now: start, until: start + 9) == nil)
            try await store.nudge(of: "tara", now: start)
            #expect(try await store.claim(.creation, by: "a", now: start, until: start + 9) != nil)
        }
    }

    @Test func `a persona shows how far the provider is`() async throws {
        try await StoreFolder.with { store in
            let scenario = Sample.scenario()
            _ = try await store.create(scenario, queueing: nil, answering: nil)
            try await store.enqueue(Sample.job(scenario.persona.id.rawValue))
            #expect(try await store.scenario(scenario.id, of: "tara").persona.sync?.status == .queued)
            #expect(await code { try await store.enqueue(Sample.job(scenario.persona.id.rawValue)) } == .exists)
        }
    }

    @Test func `S0-56 the eleventh in an hour is refused, for its user alone, also after a restart`() async throws {
        let folder = StoreFolder()
        try await folder.open { store in
            for second in 0..<10 {
                let wait = try await store.take(
                    "create", of: "tara", limit: 10, window: 3_600, now: start + Double(second))
                #expect(wait == nil)
            }
        }
        try await folder.open { store in
            var waits: [Int?] = []
            for (user, second) in [("tara", 600.0), ("ravi", 600), ("tara", 3_600), ("tara", 3_600)] {
                waits.append(
                    try await store.take("create", of: user, limit: 10, window: 3_600, now: start + second))
            }
            #expect(waits == [3_000, nil, nil, 1])
        }
    }

    @Test func `what is given back can be taken again, of its owner and kind alone`() async throws {
        let quota = Quota("replicas", limit: 2, window: 3_600)
        try await StoreFolder.with { store in
            try await store.giveBack(quota, of: "tara")
            for _ in 0..<2 { #expect(try await store.take(quota, of: "tara", now: start) == nil) }
            try await store.giveBack(quota, of: "ravi")
            try await store.giveBack(Quota("voices", limit: 2, window: 3_600), of: "tara")
            #expect(try await store.take(quota, of: "tara", now: start) == 3_600)
            try await store.giveBack(quota, of: "tara")
            #expect(try await store.take(quota, of: "tara", now: start) == nil)
            #expect(try await store.take(quota, of: "tara", now: start) == 3_600)
        }
    }
}

@Suite struct UseTests {
    private func visit(_ session: String, user: String = "tara", persona: String = "per_1", done: Bool = true) -> Visit
    {
        Visit(
            sessionID: session, user: user, personaID: persona, startedAt: Sample.start + 10, durationMs: 60_000,
            turns: 3, isCompleted: done)
    }

    @Test func `S0-64 figures are those of the visits, and a rating is given once`() async throws {
        try await StoreFolder.with { store in
            try await store.record([
                self.visit("s1"), self.visit("s2", done: false), self.visit("s3", persona: "per_2"),
            ])
            try await store.record([self.visit("s1")])
            for stars in [1, 4] { try await store.rate(session: "s1", by: "tara", stars: stars, now: Sample.start) }
            #expect(
                await code { try await store.rate(session: "s1", by: "ravi", stars: 1, now: Sample.start) } == .notFound
            )
            #expect(
                try await store.figures(ofPersona: "per_1")
                    == UsageFigures(sessions: 2, completions: 1, durationMs: 120_000, ratings: 1, stars: 4))
        }
    }

    @Test func `S0-63 a user keeps a variant, the two are even, and figures are told apart`() async throws {
        let folder = StoreFolder()
        let experiment = Experiment(
            id: .new("exp"), owner: "tara", name: "Tone", personaA: "per_a", personaB: "per_b", createdAt: Sample.start)
        let users = (0..<20).map { "user-\($0)" }
        let first = try await folder.open { store in
            _ = try await store.create(experiment, answering: nil)
            var variants: [String: Experiment.Variant] = [:]
            for user in users {
                variants[user] = try await store.variant(of: user, in: experiment.id, now: Sample.start)
            }
            return variants
        }
        #expect(first.values.count { $0 == .a } == 10)
        try await folder.open { store in
            for user in users {
                #expect(try await store.variant(of: user, in: experiment.id, now: Sample.start + 9) == first[user])
            }
            let inA = try #require(users.first { first[$0] == .a })
            // A visit to the other persona is nobody's success.
            try await store.record([
                self.visit("s1", user: inA, persona: "per_a"), self.visit("s2", user: inA, persona: "per_b"),
            ])
            let figures = try await store.figures(of: experiment)
            #expect(figures[.a]?.sessions == 1 && figures[.b]?.sessions == 0)
        }
    }
}
