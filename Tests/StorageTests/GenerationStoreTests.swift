import Foundation
import JSON
import Personas
import Studio
import Testing

@testable import Storage

@Suite struct GenerationStoreTests {
    private let now = Date(milliseconds: 1_700_000_000_000)

    private func persona(_ name: String = "Ravi") -> GeneratedPersona {
        GeneratedPersona(
            id: GeneratedPersona.newID(),
            members: ["name": .string(name), "role": "Buyer", "own_key": [1, ["a": .null]]])
    }

    private func job(_ owner: String = "tara") -> PromptJob {
        PromptJob(
            id: PromptJob.newID(), owner: owner, templateID: RecordID.new("tpl"),
            items: [
                PromptJob.Item(personaID: "a", modes: [.assess, .tryOut]),
                PromptJob.Item(personaID: "template", modes: [.learn]),
            ], createdAt: self.now)
    }

    @Test func `a template comes back as it was kept, and is its owner's alone`() async throws {
        let folder = StoreFolder()
        try await folder.open { store in
            var template = ScenarioTemplate(
                id: RecordID.new("tpl"), owner: "tara", name: "कार", data: ["a": ["b": 1]], createdAt: self.now,
                updatedAt: self.now)
            _ = try await store.create(template, answering: nil)
            #expect(try await store.template(template.id, of: "tara") == template)
            await #expect(throws: StoreError.self) { try await store.template(template.id, of: "mallory") }
            template.data["c"] = true
            let kept = try await store.replace(template, version: 1)
            #expect(kept.version == 2)
            #expect(try await store.template(template.id, of: "tara") == kept)
            await #expect(throws: StoreError(.changed, "it was changed since it was read")) {
                try await store.replace(template, version: 1)
            }
            #expect(try await store.templates(of: "tara", PageWindow()).items == [kept])
            await #expect(throws: StoreError.self) { try await store.deleteTemplate(template.id, of: "mallory") }
            try await store.deleteTemplate(template.id, of: "tara")
            #expect(try await store.templates(of: "tara", PageWindow()).total == 0)
        }
    }

    @Test func `S3-29 S3-30 S3-31: a prompt is kept with the persona, and a session reads it`() async throws {
        let folder = StoreFolder()
        try await folder.open { store in
            let persona = self.persona()
            try await store.create([persona], of: "tara", at: self.now)
            // Without the three fields of a prompt.
            #expect(try await store.generatedPersona(persona.id, of: "tara") == persona)
            let plain = try await store.persona(persona.id, of: "tara").record
            #expect(plain.kind == .generated && plain.config.systemPrompt?.hasPrefix("You are Ravi, Buyer.") == true)

            let prompt = WrittenPrompt(text: "You are Ravi {exactly}.", generatedBy: "some-model")
            let kept = try await store.save(
                prompt, for: [.assess, .tryOut], of: persona.id, owner: "tara", at: self.now)
            #expect(kept["prompt"] == "You are Ravi {exactly}." && kept["own_key"] == persona["own_key"])
            #expect(try await store.generatedPersona(persona.id, of: "tara") == kept)
            #expect(
                try await store.persona(persona.id, of: nil).record.config.systemPrompt == "You are Ravi {exactly}.")

            var edited = kept
            edited["prompt"] = "You are somebody else."
            try await store.replace(edited, of: "tara", at: self.now)
            #expect(try await store.persona(persona.id, of: nil).record.config.systemPrompt == "You are somebody else.")
            await #expect(throws: StoreError.self) {
                try await store.save(prompt, for: [.assess], of: persona.id, owner: "mallory", at: self.now)
            }
            await #expect(throws: StoreError.self) { try await store.generatedPersona(persona.id, of: "mallory") }
            try await store.deletePersona(persona.id, of: "tara")
            await #expect(throws: StoreError.self) { try await store.generatedPersona(persona.id, of: "tara") }
        }
    }

    @Test func `S3-48: a job comes back with its items and events after a restart`() async throws {
        let folder = StoreFolder()
        var job = self.job()
        try await folder.open { store in
            try await store.create(job)
            #expect(try await store.job(job.id, of: "tara") == job)
            job = try await store.job(job.id, of: "tara")
        }
        try await folder.open { store in
            let unfinished = try await store.unfinishedJobs()
            #expect(unfinished == [job])
            await #expect(throws: StoreError.self) { try await store.job(job.id, of: "mallory") }
        }
    }

    @Test func `S3-45: a thousand jobs that have expired leave no row`() async throws {
        let folder = StoreFolder()
        try await folder.open { store in
            for _ in 0..<1_000 { try await store.create(self.job()) }
            _ = try await store.database.write { connection throws(DatabaseError) in
                try connection.run("UPDATE jobs SET status = 'failed', expires_at = ?", .integer(1_000))
            }
            try await store.create(self.job("other"))
            #expect(try await store.deleteJobs(expiredBy: Date(milliseconds: 1_000)) == 1_000)
            let rows = try await store.database.read { connection throws(DatabaseError) in
                try ["jobs", "job_items", "job_events"].map { table throws(DatabaseError) in
                    try connection.row("SELECT count(*) FROM \(table)") { $0.integer(0) } ?? -1
                }
            }
            #expect(rows == [1, 2, 1])
        }
    }

    @Test func `S3-1: an interaction is kept without a prompt, and loses a persona that goes`() async throws {
        let folder = StoreFolder()
        try await folder.open { store in
            let persona = self.persona()
            try await store.create([persona], of: "tara", at: self.now)
            var interaction = AvatarInteraction(
                id: RecordID.new("int"), owner: "tara", mode: .tryOut, personaID: persona.id, systemPrompt: nil,
                body: ["avatars": ["a"], "languages": ["hi"]], createdAt: self.now)
            _ = try await store.create(interaction, answering: nil)
            #expect(try await store.interaction(interaction.id, of: "tara") == interaction)
            try await store.deletePersona(persona.id, of: "tara")
            interaction.personaID = nil
            #expect(try await store.interactions(of: "tara", PageWindow()).items == [interaction])
            try await store.deleteInteraction(interaction.id, of: "tara")
            await #expect(throws: StoreError.self) { try await store.interaction(interaction.id, of: "tara") }
        }
    }
}
