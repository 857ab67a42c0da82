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
                var job = try #require(await studio.store.claim(.creation, by: "t", now: now, until: now + 9))
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

    /// A generated persona, with prompts for a learner and for who is assessed.
    private func makePersona(_ studio: StudioHarness) async throws -> PersonaID {
        let persona = GeneratedPersona(
            id: GeneratedPersona.newID(),
            members: [
                "name": "Asha", "role": "Patient", "archetype": "HELP_SEEKING", "gender": "Female",
                "scenario_type": "maternity care",
                "conversation_rules": [
                    "opening_behavior": "Speaks first", "response_style": "Open", "word_limit": 40,
                    "behavioral_triggers": [:], "opening_line": "Can you help me?",
                ],
            ])
        try await studio.store.create([persona], of: "tara", at: .now)
        for (text, modes) in [("You teach.", [GenerationMode.learn]), ("You are Asha.", [.assess, .tryOut])] {
            _ = try await studio.store.save(
                WrittenPrompt(text: text, generatedBy: "test"), for: modes, of: persona.id, owner: "tara", at: .now)
        }
        return persona.id
    }

    private func makeInteraction(
        _ studio: StudioHarness, _ mode: GenerationMode, _ persona: PersonaID?, prompt: String? = nil
    ) async throws -> String {
        let interaction = AvatarInteraction(
            id: RecordID.new("int"), owner: "tara", mode: mode, personaID: persona, systemPrompt: prompt, body: [:],
            createdAt: .now)
        _ = try await studio.store.create(interaction, answering: nil)
        return interaction.id.rawValue
    }

    @Test func `a mode chooses between the expert who teaches and the person of the scenario`() async throws {
        try await self.run { studio, voices in
            let id = try await self.makePersona(studio).rawValue
            for (mode, words) in [
                (nil, "You are Asha."), ("assess_mode", "You are Asha."), ("try_mode", "You are Asha."),
                ("learn_mode", "You teach."),
            ] {
                let compiled = try await voices.select(id, mode: mode, user: "tara").get()
                #expect(compiled.instructions.contains(words), "\(mode ?? "none")")
                #expect(!compiled.warnings.contains { $0.contains("there is no mode") })
                #expect((compiled.greeting == nil) == (mode == "learn_mode"), "the expert does not ask for help")
            }
            let strange = try await voices.select(id, mode: "sing_mode", user: "tara").get()
            #expect(strange.warnings.contains { $0.contains("sing_mode") })
        }
    }

    @Test func `who is generated has a voice of their gender and a field, and who teaches is somebody else`()
        async throws
    {
        try await self.run { studio, voices in
            let id = try await self.makePersona(studio)
            let asha = try await voices.select(id.rawValue, mode: nil, user: "tara").get()
            #expect(asha.name == "Asha" && asha.field == "maternity care" && asha.voice == .coral)
            let expert = try await voices.select(id.rawValue, mode: "learn_mode", user: "tara").get()
            #expect(expert.name == "Trainer" && expert.field == "maternity care")
            #expect(!expert.instructions.contains("Name: Asha"))
            var changed = try await studio.store.generatedPersona(id, of: "tara")
            changed["gender"] = "Male"
            changed["scenario_type"] = "general"
            try await studio.store.replace(changed, of: "tara", at: .now)
            let man = try await voices.select(id.rawValue, mode: nil, user: "tara").get()
            #expect(man.voice == .ash && man.field == "Patient")
        }
    }

    @Test func `S3-31: an interaction is its persona, in its mode, as it is at this moment`() async throws {
        try await self.run { studio, voices in
            let persona = try await self.makePersona(studio)
            let learn = try await self.makeInteraction(studio, .learn, persona)
            let assess = try await self.makeInteraction(studio, .assess, persona)
            func words(_ name: String, _ mode: String? = nil) async throws -> String {
                try await voices.select(name, mode: mode, user: "tara").get().instructions
            }
            #expect(try await words(learn).contains("You teach."))
            #expect(try await words(learn, "try_mode").contains("You are Asha."))
            #expect(try await words(assess).contains("You are Asha."))
            var edited = try await studio.store.generatedPersona(persona, of: "tara")
            edited["prompt"] = "You are made of glass."
            try await studio.store.replace(edited, of: "tara", at: .now)
            #expect(try await words(assess).contains("You are made of glass."))
        }
    }

    @Test func `S3-31: an interaction's own prompt outranks its persona's, and needs none`() async throws {
        try await self.run { studio, voices in
            let persona = try await self.makePersona(studio)
            for person in [persona, nil] {
                for mode in GenerationMode.allCases {
                    let name = try await self.makeInteraction(studio, mode, person, prompt: "You sell cars.")
                    let compiled = try await voices.select(name, mode: nil, user: "tara").get()
                    #expect(compiled.instructions.contains("You sell cars."), "\(mode)")
                    #expect(!compiled.warnings.contains { $0.contains("there is no mode") }, "\(compiled.warnings)")
                }
            }
            let bare = try await self.makeInteraction(studio, .assess, nil, prompt: " ")
            #expect(self.code(await voices.select(bare, mode: nil, user: "tara")) == "persona_not_ready")
            let foreign = await voices.select(bare, mode: nil, user: "mallory")
            #expect(self.code(foreign) == "persona_not_found")
            #expect(self.code(await voices.select("int_none", mode: nil, user: "tara")) == "persona_not_found")
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
