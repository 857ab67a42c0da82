import Foundation
import JSON
import Observability
import Personas

import Studio
import Testing

@testable import Gateway
@testable import Sessions

@Suite struct VoicePersonasTests {
    private func run(
        isShared: Bool = false, _ body: (StudioHarness, VoicePersonas) async throws -> Void
    ) async throws {
        try await StudioHarness.run { studio in
            let own = OwnPersonas(studio.store) { StudioHarness.catalog }
            let selection = PersonaSelection(now: nil) { StudioHarness.catalog }
            try await body(
                studio, VoicePersonas(studio.store, own: own, selection: selection, isShared: isShared))
        }
    }

    private func code(_ result: Result<CompiledPersona, PersonaRefusal>) -> String? {
        if case .failure(let refusal) = result { refusal.code.rawValue } else { nil }
    }

    @Test func `a scenario is talked with by its own id and by its persona's`() async throws {
        try await self.run { studio, voices in
            let id = await studio.make(["persona": ["systemPrompt": "You are Meera.", "context": "Friday"]])
            let read = await studio.ask("GET", "/api/scenarios/\(id)").json
            let persona = try #require(read["persona"]?["personaId"]?.string)
            for name in [id, persona] {
                let compiled = try await voices.select(name, mode: nil, user: "tara").get()
                for part in ["You are Meera.", "Friday", "Feedback", "Say it kindly"] {
                    #expect(compiled.instructions.contains(part), "\(part)")
                }
                #expect(compiled.id.rawValue == persona && !compiled.isEcho)
            }
        }
    }

    @Test func `somebody else's scenario is nobody's, unless nobody has to prove who they are`() async throws {
        for isShared in [false, true] {
            try await self.run(isShared: isShared) { studio, voices in
                let id = await studio.make()
                let foreign = self.code(await voices.select(id, mode: nil, user: "ravi"))
                let unknown = self.code(await voices.select("scn_none", mode: nil, user: "ravi"))
                #expect(foreign == (isShared ? nil : "persona_not_found") && unknown == "persona_not_found")
                #expect(self.code(await voices.select("'; DROP TABLE", mode: nil, user: "ravi")) == "persona_not_found")
            }
        }
    }

    @Test func `S0-8 a persona that a provider makes is talked with when it is ready`() async throws {
        try await self.run { studio, voices in
            let id = await studio.make()
            let read = await studio.ask("GET", "/api/scenarios/\(id)").json
            let persona = try #require(read["persona"]?["personaId"]?.string.flatMap { PersonaID($0) })
            let now = Date()
            try await studio.store.enqueue(
                ProviderJob(
                    personaID: persona, owner: "tara", provider: "double", payload: [:], marker: "m",
                    state: SyncState(queuedAt: now), dueAt: now))
            #expect(self.code(await voices.select(id, mode: nil, user: "tara")) == "persona_not_ready")
            var codes: [String?] = []
            for status in [SyncStatus.processing, .ready] {
                var job = try #require(await studio.store.claim(by: "t", now: now, until: now + 9))
                job.state.advance(to: status, at: now)
                #expect(try await studio.store.settle(job, by: "t"))
                codes.append(self.code(await voices.select(id, mode: nil, user: "tara")))
            }
            #expect(codes == ["persona_not_ready", nil])
            #expect(await studio.ask("GET", "/api/scenarios/\(id)").json["persona"]?["status"] == "ready")
        }
    }

    @Test func `S0-63 who names an experiment talks with the same persona for ever`() async throws {
        try await self.run { studio, voices in
            let id = await studio.make(["persona": ["systemPrompt": "B"]])
            let body: JSONValue = ["name": "Tone", "persona_a": "hard-talk", "persona_b": .string(id)]
            let made = await studio.ask("POST", "/api/experiments", body).json
            let experiment = try #require(made["experiment_id"]?.string)
            var seen: [String: Set<String>] = [:]
            for user in ["u1", "u2", "u3", "u1", "u2", "u3"] {
                let compiled = try await voices.select(experiment, mode: nil, user: user).get()
                seen[user, default: []].insert(compiled.id.rawValue)
            }
            #expect(seen.values.allSatisfy { $0.count == 1 } && Set(seen.values).count == 2)
        }
    }

    @Test func `visits are written down before the journal is closed`() async throws {
        try await StudioHarness.run { studio in
            let journal = VisitJournal(studio.store, log: .disabled)
            let identity = SessionIdentity(id: "sess_1", user: "tara", style: .mobile)
            journal.add(identity, [PersonaVisit(persona: "hard-talk", beganMs: 0, endedMs: 90_000, turns: 3)])
            journal.add(
                SessionIdentity(id: "sess_2", user: "ravi", style: .mobile),
                [PersonaVisit(persona: "hard-talk", beganMs: 0, endedMs: 30_000, turns: 0)])
            await journal.close()
            #expect(await studio.ask("POST", "/api/sessions/sess_1/rating", ["stars": 4]).status == 200)
            #expect(await studio.ask("POST", "/api/sessions/sess_2/rating", ["stars": 4]).status == 404)
            let stats = await studio.ask("GET", "/api/personas/hard-talk/stats").json
            #expect(stats["sessions"] == 2 && stats["completion_rate"]?.double == 0.5)
            #expect(stats["mean_duration_seconds"]?.double == 60 && stats["mean_rating"]?.double == 4)
        }
    }
}
