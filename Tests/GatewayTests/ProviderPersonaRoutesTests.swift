import Foundation
import JSON
import Personas
import Providers
import Studio
import Testing

@testable import Gateway
@testable import Sessions

@Suite(.timeLimit(.minutes(1))) struct ProviderPersonaRoutesTests {
    private static let coach: JSONValue = ["personaName": "Coach", "systemPrompt": "You coach."]
    private static let refusal = ProviderError(.rejected, "not as it is", disposition: .never)

    private func keys(_ value: JSONValue?) -> Set<String> { Set((value?.object ?? [:]).keys) }

    private func scenario(_ bench: ProviderBench, as user: String = "tara") async -> Answer {
        await bench.studio.ask(
            "POST", "/api/scenarios", .object(StudioHarness.input(["persona": Self.coach])), as: user)
    }

    private func persona(_ bench: ProviderBench, _ id: String) async -> JSONValue? {
        await bench.studio.ask("GET", "/api/scenarios/\(id)").json["persona"]
    }

    // MARK: Scenarios

    @Test func `S0-43 S0-44 S0-5 a scenario is answered as queued at once, and is ready later without a second call`()
        async throws
    {
        try await ProviderBench.run { bench in
            let made = await self.scenario(bench)
            #expect(made.status == 201 && made.json["persona"]?["status"] == "queued")
            #expect(made.json["persona"]?["isSyncedRemote"] == false && bench.provider.calls.isEmpty)
            let id = try #require(made.json["id"]?.string)
            await bench.work()
            #expect(await self.persona(bench, id)?["status"] == "processing")
            await bench.work(after: 2)
            let ready = await self.persona(bench, id)
            #expect(ready?["status"] == "ready" && ready?["isSyncedRemote"] == true && ready?["syncError"] == .null)
            #expect(bench.provider.calls == ["create", "persona p1"])
        }
    }

    @Test func `S0-5 a persona of which its author says nothing stays here`() async throws {
        try await ProviderBench.run { bench in
            let id = await bench.studio.make()
            await bench.work(after: 60)
            #expect(await self.persona(bench, id)?["status"] == nil && bench.provider.calls.isEmpty)
            // Saved with a persona, it is ordered.
            let body = JSONValue.object(StudioHarness.input(["persona": Self.coach]))
            #expect(await bench.studio.ask("PUT", "/api/scenarios/\(id)", body).json["persona"]?["status"] == "queued")
        }
    }

    @Test func `S0-8 a persona at the provider is talked with while it is ready, and not before`() async throws {
        try await ProviderBench.run { bench in
            let id = try #require(await self.scenario(bench).json["id"]?.string)
            let own = OwnPersonas(bench.studio.store) { StudioHarness.catalog }
            let selection = PersonaSelection(now: nil) { StudioHarness.catalog }
            let voices = VoicePersonas(bench.studio.store, own: own, selection: selection, isShared: false)
            var codes: [String?] = []
            for _ in 0..<3 {
                let result = await voices.select(id, mode: nil, user: "tara")
                if case .failure(let refusal) = result {
                    codes.append(refusal.code.rawValue)
                } else {
                    codes.append(nil)
                }
                await bench.work(after: 2)
            }
            #expect(codes == ["persona_not_ready", "persona_not_ready", nil])
        }
    }

    @Test func `where the key was taken away, nobody waits for what nobody makes`() async throws {
        try await ProviderBench.run { bench in
            let id = try #require(await self.scenario(bench).json["id"]?.string)
            let own = OwnPersonas(bench.studio.store) { StudioHarness.catalog }
            let selection = PersonaSelection(now: nil) { StudioHarness.catalog }
            let voices = VoicePersonas(
                bench.studio.store, own: own, selection: selection, isShared: false, hasProvider: false)
            #expect(try await voices.select(id, mode: nil, user: "tara").get().name == "Coach")
        }
    }

    @Test func `S0-6 a failure is told with its reason, and a persona that is saved again is tried again`() async throws
    {
        try await ProviderBench.run({ $0.failures["create"] = Self.refusal }) { bench in
            let id = try #require(await self.scenario(bench).json["id"]?.string)
            await bench.work()
            let failed = await self.persona(bench, id)
            #expect(failed?["status"] == "error" && failed?["syncError"] == "not as it is")
            bench.provider.change { $0.failures = [:] }
            let body = JSONValue.object(StudioHarness.input(["persona": Self.coach]))
            #expect(await bench.studio.ask("PUT", "/api/scenarios/\(id)", body).json["persona"]?["status"] == "queued")
            await bench.work(after: 1)
            await bench.work(after: 2)
            #expect(await self.persona(bench, id)?["status"] == "ready")
        }
    }

    @Test func `an edit of a ready persona is pending until the provider has it, and changes the ETag when it has`()
        async throws
    {
        try await ProviderBench.run { bench in
            let id = try #require(await self.scenario(bench).json["id"]?.string)
            await bench.work()
            await bench.work(after: 2)
            let body = JSONValue.object(StudioHarness.input(["persona": ["systemPrompt": "Another."]]))
            let changed = await bench.studio.ask("PUT", "/api/scenarios/\(id)", body)
            #expect(changed.json["persona"]?["updatePending"] == true && changed.json["persona"]?["status"] == "ready")
            await bench.work()
            let read = await bench.studio.ask("GET", "/api/scenarios/\(id)")
            #expect(read.json["persona"]?["updatePending"] == nil && bench.provider.calls.last == "update p1")
            #expect(read.headers["etag"] != changed.headers["etag"])
        }
    }

    @Test func `a deleted scenario is deleted at the provider`() async throws {
        try await ProviderBench.run { bench in
            let id = try #require(await self.scenario(bench).json["id"]?.string)
            await bench.work()
            #expect(await bench.studio.ask("DELETE", "/api/scenarios/\(id)").status == 204)
            await bench.work()
            #expect(bench.provider.calls == ["create", "delete p1"])
        }
    }

    // MARK: Personas that stand alone

    @Test(arguments: ["/api/tavus", "/tavus"])
    func `S0-48 S0-52 a persona is queued, with exactly the fields of the app`(
        prefix: String
    ) async throws {
        try await ProviderBench.run { bench in
            let made = await bench.studio.ask("POST", "\(prefix)/personas", Self.coach)
            #expect(made.status == 200)
            #expect(self.keys(made.json) == ["persona_id", "persona_name", "created_at", "status"])
            #expect(made.json["persona_name"] == "Coach" && made.json["status"] == "queued")
            #expect(self.isTime(made.json["created_at"]))
            let id = try #require(made.json["persona_id"]?.string)
            let waiting = await bench.studio.ask("GET", "\(prefix)/personas/\(id)/status")
            #expect(self.keys(waiting.json) == ["persona_id", "status", "last_status_at"])
            await bench.work()
            await bench.work(after: 120)
            for name in [id, "p1"] {
                let ready = await bench.studio.ask("GET", "\(prefix)/personas/\(name)/status").json
                #expect(self.keys(ready) == ["persona_id", "status", "last_status_at"])
                #expect(ready["persona_id"]?.string == name && ready["status"] == "ready")
                #expect(self.isTime(ready["last_status_at"]))
            }
        }
    }

    @Test func `S0-52 the app's own example is told word for word`() throws {
        let ten = try Date("2025-12-01T10:00:00Z", strategy: .iso8601)
        var config = PersonaConfig()
        config.name = "Life Coach"
        var persona = PersonaRecord(
            id: try #require(PersonaID("p123")), owner: "tara", kind: .provider, config: config, createdAt: ten,
            updatedAt: ten)
        var state = SyncState(queuedAt: ten)
        persona.sync = state
        #expect(
            persona.providerJSON([]) == [
                "persona_id": "p123", "persona_name": "Life Coach", "created_at": "2025-12-01T10:00:00Z",
                "status": "queued",
            ])
        state.advance(to: .processing, at: ten + 60)
        state.advance(to: .ready, at: ten + 120, source: .provider)
        #expect(
            state.json(of: "p123") == [
                "persona_id": "p123", "status": "ready", "last_status_at": "2025-12-01T10:02:00Z",
            ])
    }

    @Test func `a persona that is imported is ordered, and a function that it is given is sent there`() async throws {
        try await ProviderBench.run { bench in
            let document: JSONValue = ["format": "vaani.persona", "version": 1, "persona": Self.coach]
            let made = await bench.studio.ask("POST", "/api/personas/import", document)
            #expect(made.status == 201 && made.json["status"] == "queued")
            await bench.work()
            let id = made.json["personaId"]?.string ?? ""
            let added = await bench.studio.ask("POST", "/api/personas/\(id)/tools", ["name": "look_up"])
            #expect(added.status == 201)
            await bench.work()
            #expect(bench.provider.calls.prefix(2) == ["create", "update p1"])
            // One that is here alone stays so.
            let local = await bench.studio.make()
            #expect(await bench.studio.ask("POST", "/api/personas/\(local)/tools", ["name": "look_up"]).status == 201)
            await bench.work()
            #expect(await self.persona(bench, local)?["status"] == nil)
        }
    }

    /// RFC 3339 in UTC, to the second.
    private func isTime(_ value: JSONValue?) -> Bool {
        value?.string?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil
    }

    @Test func `C-29 the input may be wrapped, and in camel or snake case`() async throws {
        try await ProviderBench.run { bench in
            for body: JSONValue in [
                ["persona_name": "Coach", "system_prompt": "x"], ["personaInput": Self.coach],
                ["persona_input": ["persona_name": "Coach", "systemPrompt": "x"]],
            ] {
                let made = await bench.studio.ask("POST", "/api/tavus/personas", body)
                #expect(made.status == 200 && made.json["persona_name"] == "Coach")
            }
            #expect(await bench.studio.ask("POST", "/tavus/personas", ["personaInput": 7]).status == 422)
        }
    }

    @Test func `S0-49 C-33 an error is told with its reason, and what there is not is 404`() async throws {
        try await ProviderBench.run({ $0.failures["create"] = Self.refusal }) { bench in
            let made = await bench.studio.ask("POST", "/api/tavus/personas", Self.coach)
            let id = try #require(made.json["persona_id"]?.string)
            await bench.work()
            let failed = await bench.studio.ask("GET", "/api/tavus/personas/\(id)/status").json
            #expect(failed["status"] == "error" && failed["error"] == "not as it is")
            #expect(self.keys(failed) == ["persona_id", "status", "last_status_at", "error"])
            for (name, user) in [("per_none", "tara"), (id, "ravi")] {
                let answer = await bench.studio.ask("GET", "/api/tavus/personas/\(name)/status", as: user)
                #expect(answer.status == 404 && answer.json["code"] == "not_found")
            }
            let local = await bench.studio.make()
            let persona = await self.persona(bench, local)?["personaId"]?.string ?? ""
            #expect(await bench.studio.ask("GET", "/api/tavus/personas/\(persona)/status").status == 404)
        }
    }

    @Test func `what failed is tried again when it is asked for, by its owner, and nothing else is`() async throws {
        try await ProviderBench.run({ $0.failures["create"] = Self.refusal }) { bench in
            let made = await bench.studio.ask("POST", "/api/tavus/personas", Self.coach)
            let path = "/api/tavus/personas/\(made.json["persona_id"]?.string ?? "")/retry"
            #expect(await bench.studio.ask("POST", path).json["code"] == "not_failed")
            await bench.work()
            #expect(await bench.studio.ask("POST", path, as: "ravi").status == 404)
            bench.provider.change { $0.failures = [:] }
            let again = await bench.studio.ask("POST", path)
            #expect(again.status == 200 && again.json["status"] == "queued" && again.json["error"] == nil)
        }
    }

    @Test func `a persona that stands alone is taken out here and there`() async throws {
        try await ProviderBench.run { bench in
            _ = await bench.studio.ask("POST", "/api/tavus/personas", Self.coach)
            await bench.work()
            #expect(await bench.studio.ask("DELETE", "/api/tavus/personas/p1").status == 204)
            #expect(await bench.studio.ask("GET", "/api/tavus/personas/p1/status").status == 404)
            await bench.work()
            #expect(bench.provider.calls == ["create", "delete p1"])
        }
    }

    @Test func `S0-45 who comes back sees the latest without waiting for the next look`() async throws {
        try await ProviderBench.run({ $0.status = .processing }) { bench in
            let id = try #require(await self.scenario(bench).json["id"]?.string)
            await bench.work()
            for _ in 0..<5 { await bench.work(after: 30) }
            bench.provider.change { $0.status = .ready }
            await bench.work(after: 1)
            #expect(await self.persona(bench, id)?["status"] == "processing")
            #expect(await bench.studio.ask("POST", "/api/tavus/sync").json == ["pending": 1])
            await bench.work()
            #expect(await self.persona(bench, id)?["status"] == "ready")
            #expect(await bench.studio.ask("POST", "/tavus/sync").json == ["pending": 0])
        }
    }

    // MARK: Limits

    @Test(arguments: [(5_000, false, 200), (5_001, false, 422), (24_000, true, 200), (24_001, true, 422)])
    func `a generated prompt is taken where the provider may get it shortened, and kept whole`(
        length: Int, truncates: Bool, status: Int
    ) async throws {
        try await ProviderBench.run { bench in
            let prompt = String(repeating: "क", count: length)
            let body: JSONValue = ["system_prompt": .string(prompt), "truncate": truncates ? true : .null]
            let answer = await bench.studio.ask("POST", "/tavus/personas", body)
            #expect(answer.status == status)
            guard status == 200 else {
                #expect(answer.json["errors"]?.array?.first?["field"] == "systemPrompt")
                return
            }
            #expect(bench.provider.truncates == truncates)
            let id = try #require(answer.json["persona_id"]?.string)
            let own = OwnPersonas(bench.studio.store) { StudioHarness.catalog }
            #expect(try await own.persona(id, of: "tara")?.record.config.systemPrompt == prompt)
        }
    }

    @Test func `S0-55 what is invalid never reaches the provider, and takes no place`() async throws {
        try await ProviderBench.run(perHour: 1) { bench in
            for _ in 0..<3 {
                let answer = await bench.studio.ask("POST", "/api/tavus/personas", ["systemPrompt": ""])
                #expect(answer.status == 422 && answer.json["code"] == "validation_failed")
            }
            let input = StudioHarness.input(["persona": ["systemPrompt": ""]])
            #expect(await bench.studio.ask("POST", "/api/scenarios", .object(input)).status == 422)
            await bench.work(after: 60)
            #expect(bench.provider.calls.isEmpty)
            #expect(await self.scenario(bench).status == 201)
        }
    }

    @Test func `S0-56 the eleventh creation in an hour is refused, for its user alone, and a repeated one is none`()
        async throws
    {
        try await ProviderBench.run(perHour: 10) { bench in
            let body = JSONValue.object(StudioHarness.input(["persona": Self.coach]))
            for number in 0..<10 {
                let key = [("idempotency-key", "k\(number)")]
                #expect(await bench.studio.ask("POST", "/api/scenarios", body, headers: key).status == 201)
            }
            let refused = await self.scenario(bench)
            #expect(refused.status == 429 && refused.json["code"] == "too_many_personas")
            #expect((3_500...3_600).contains(refused.headers["retry-after"].flatMap { Int($0) } ?? 0))
            #expect(await bench.studio.ask("POST", "/tavus/personas", Self.coach).status == 429)
            let again = await bench.studio.ask("POST", "/api/scenarios", body, headers: [("idempotency-key", "k3")])
            #expect(again.status == 201 && again.headers["idempotent-replayed"] == "true")
            #expect(await self.scenario(bench, as: "ravi").status == 201)
            // Here alone, as many as anybody likes.
            #expect(!(await bench.studio.make()).isEmpty)
            #expect(await bench.studio.ask("GET", "/api/scenarios").json["total"] == 11)
        }
    }

    @Test func `S0-54 without a provider every one says so`() async throws {
        try await StudioHarness.run { studio in
            for (method, path) in [
                ("POST", "personas"), ("GET", "personas/p1/status"), ("POST", "personas/p1/retry"),
                ("DELETE", "personas/p1"), ("POST", "sync"),
            ] {
                for prefix in ["/api/tavus", "/tavus"] {
                    let answer = await studio.ask(method, "\(prefix)/\(path)", method == "POST" ? Self.coach : nil)
                    #expect(answer.status == 503 && answer.json["code"] == "provider_not_configured")
                }
            }
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct ProviderPersonaDocumentsTests {
    private func run(_ body: (ProviderBench, String) async throws -> Void) async throws {
        try await ProviderBench.run { bench in
            let input: JSONValue = ["personaName": "Coach", "systemPrompt": "You coach.", "document_ids": ["d1"]]
            let made = await bench.studio.ask("POST", "/api/tavus/personas", input)
            await bench.work()
            await bench.work(after: 2)
            try await body(bench, "/api/tavus/personas/\(made.json["persona_id"]?.string ?? "")")
        }
    }

    @Test func `a persona is read in snake case, by its own id and the provider's, by its owner alone`() async throws {
        try await self.run { bench, path in
            let read = await bench.studio.ask("GET", path)
            #expect(read.json["persona_name"] == "Coach" && read.json["system_prompt"] == "You coach.")
            #expect(read.json["status"] == "ready" && read.headers["etag"] != nil)
            #expect(await bench.studio.ask("GET", "/tavus/personas/p1").json == read.json)
            #expect(await bench.studio.ask("GET", path, as: "ravi").status == 404)
        }
    }

    @Test func `a patch changes a persona here, and then at the provider`() async throws {
        try await self.run { bench, path in
            let patch: JSONValue = [
                ["op": "test", "path": "/persona_name", "value": "Coach"],
                ["op": "replace", "path": "/persona_name", "value": "Guide"],
                ["op": "remove", "path": "/document_ids/0"],
                ["op": "add", "path": "/layers/tts/tts_emotion_control", "value": true],
            ]
            let changed = await bench.studio.ask("PATCH", path, patch)
            #expect(changed.status == 200 && changed.json["persona_name"] == "Guide")
            #expect(changed.json["document_ids"] == [] && changed.json["status"] == "ready")
            #expect(changed.json["layers"]?["tts"]?["tts_emotion_control"] == true)
            await bench.work()
            #expect(bench.provider.calls.last == "update p1")
        }
    }

    @Test func `a patch that does not fit, or leaves what cannot be, changes nothing`() async throws {
        try await self.run { bench, path in
            let before = await bench.studio.ask("GET", path)
            for patch: JSONValue in [
                [["op": "test", "path": "/persona_name", "value": "Other"]], [["op": "remove", "path": "/nothing"]],
                [["op": "replace", "path": "/system_prompt", "value": ""]],
                [["op": "remove", "path": "/system_prompt"]],
                [["op": "replace", "path": "", "value": 7]], [["op": "copy", "from": "", "path": "/context"]], ["x"],
                [:],
            ] {
                let answer = await bench.studio.ask("PATCH", path, patch)
                #expect(answer.status == 422 && answer.json["code"] == "validation_failed", "\(patch)")
            }
            let stale = [("if-match", "\"7-local\"")]
            #expect(await bench.studio.ask("PATCH", path, [], headers: stale).status == 412)
            #expect(await bench.studio.ask("GET", path).json == before.json)
        }
    }

    @Test func `a persona of a scenario goes with its scenario alone`() async throws {
        try await ProviderBench.run { bench in
            let input = StudioHarness.input(["persona": ["systemPrompt": "x"]])
            let made = await bench.studio.ask("POST", "/api/scenarios", .object(input))
            let id = try #require(made.json["persona"]?["personaId"]?.string)
            let answer = await bench.studio.ask("DELETE", "/api/tavus/personas/\(id)")
            #expect(answer.status == 409 && answer.json["code"] == "belongs_to_scenario")
        }
    }
}
