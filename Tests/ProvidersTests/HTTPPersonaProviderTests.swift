import Foundation
import JSON
import Studio
import Testing
import Transport

@testable import Providers

@Suite(.timeLimit(.minutes(1))) struct HTTPPersonaProviderTests {
    private static let made = #"{"persona_id":"p1","persona_name":"Coach","created_at":"2026-01-02T03:04:05.678Z"}"#

    // MARK: Personas

    @Test func `S0-19 a persona is made by one POST with the key in its header, and with no word changed`() async throws
    {
        try await ScriptedProvider.run({ _ in .answer(200, Self.made) }) { provider, script in
            let payload = try provider.payload(
                for: try PersonaInput.config(["systemPrompt": "सुनिए"]), marker: "vaani:per_1")
            let persona = try await provider.create(payload.body)
            #expect(persona.id == "p1" && persona.name == "Coach" && persona.status == nil)
            #expect(persona.createdAt?.timeIntervalSince1970 == 1_767_323_045.678)
            let request = try #require(script.asked.first)
            #expect(script.asked.count == 1 && request.line == "POST /v2/personas")
            #expect(request.head.headers["x-api-key"] == ScriptedProvider.key)
            #expect(request.head.headers["content-type"] == "application/json")
            #expect(request.json == payload.body)
        }
    }

    @Test(arguments: [
        #"{"data":[{"persona_id":"p1","persona_name":"C","default_replica_id":"r1","document_ids":["d1"]}]}"#,
        #"{"data":{"persona_id":"p1","persona_name":"C","default_replica_id":"r1","document_ids":["d1"]}}"#,
        #"{"pal_id":"p1","pal_name":"C","default_face_id":"r1","document_ids":["d1",7,null]}"#,
    ])
    func `a persona is read from an array, from data and flat, under either name`(body: String) async throws {
        try await ScriptedProvider.run({ _ in .answer(200, body) }) { provider, _ in
            let persona = try await provider.persona("p1")
            #expect(persona == RemotePersona(id: "p1", name: "C", replicaID: "r1", documentIDs: ["d1"]))
        }
    }

    @Test func `a status is taken only where it is one of the four words`() async throws {
        for (word, status) in [("queued", SyncStatus.queued), ("ready", .ready), ("success", nil), ("7", nil)] {
            try await ScriptedProvider.run({ _ in .answer(200, #"{"persona_id":"p","status":"\#(word)"}"#) }) {
                provider, _ in
                let persona = try await provider.persona("p")
                #expect(persona.status == status)
            }
        }
    }

    @Test(arguments: [400, 404]) func `a persona that is not there is gone, and taking it out is done`(
        status: Int
    ) async throws {
        try await ScriptedProvider.run({ _ in .answer(status, #"{"error":"Invalid persona_id"}"#) }) { provider, _ in
            #expect(await failure { () throws(ProviderError) in try await provider.persona("p") }?.code == .gone)
            try await provider.delete("p")
        }
    }

    @Test func `a persona is taken out by DELETE, and an id cannot leave its place in the path`() async throws {
        try await ScriptedProvider.run({ _ in .answer(204, "") }) { provider, script in
            try await provider.delete("p/../x?y")
            #expect(script.asked.map(\.line) == ["DELETE /v2/personas/p%2F..%2Fx%3Fy"])
            try await provider.delete("..")
            #expect(script.asked.count == 1)
        }
    }

    @Test func `the names of 2026 have paths of their own`() async throws {
        try await ScriptedProvider.run({ _ in .answer(200, #"{"data":[],"total_count":0}"#) }) {
            $0.profile = .pals
        } _: { provider, script in
            let found = try await provider.find(marker: "m")
            #expect(found == nil)
            let replicas = try await provider.replicas()
            #expect(replicas.isEmpty)
            #expect(script.asked.map(\.line) == ["GET /v2/pals", "GET /v2/faces"])
            #expect(script.asked[0].query("pal_type") == "user")
        }
    }

    // MARK: The search for a marker

    /// Personas p0, p1 … with a prompt each, ten on a page.
    private static func page(_ request: HTTPRequest, of count: Int, prompt: (Int) -> String) -> ScriptedProvider.Reply {
        let page = Int(request.query("page") ?? "") ?? 1
        let items = ((page - 1) * 10..<page * 10).filter { $0 < count }.map {
            #"{"persona_id":"p\#($0)","persona_name":"n","system_prompt":"\#(prompt($0))"}"#
        }
        // A count that is wrong must not make anybody stop early.
        return .answer(200, #"{"data":[\#(items.joined(separator: ","))],"total_count":10}"#)
    }

    @Test func `a persona is found by its marker on a later page, and not by one that begins alike`() async throws {
        try await ScriptedProvider.run({
            Self.page($0, of: 25) { $0 == 23 ? "x [vaani:per_1: note]" : "x [vaani:per_12: note]" }
        }) { provider, script in
            let found = try await provider.find(marker: "vaani:per_1")?.id
            #expect(found == "p23")
            #expect(script.asked.count == 3)
        }
    }

    @Test func `that there is none is said after the last page alone`() async throws {
        try await ScriptedProvider.run({ Self.page($0, of: 25) { _ in "x" } }) { provider, script in
            let found = try await provider.find(marker: "vaani:per_1")
            #expect(found == nil)
            #expect(script.asked.count == 4)
        }
    }

    @Test func `a list without prompts makes it ask for each persona`() async throws {
        try await ScriptedProvider.run({ request in
            guard request.head.path == "/v2/personas" else {
                return .answer(200, #"{"data":[{"persona_id":"p1","system_prompt":"[m: note]"}]}"#)
            }
            return .answer(200, #"{"data":[{"persona_id":"p1","persona_name":"n"}]}"#)
        }) { provider, script in
            let found = try await provider.find(marker: "m")?.id
            #expect(found == "p1")
            #expect(script.asked.map(\.line) == ["GET /v2/personas", "GET /v2/personas/p1"])
        }
    }

    @Test func `a list that never ends is an error, and not the news that there is none`() async throws {
        try await ScriptedProvider.run({ request in
            let page = request.query("page") ?? ""
            return .answer(200, #"{"data":[{"persona_id":"p\#(page)","system_prompt":"x"}]}"#)
        }) { provider, script in
            let error = await failure { () throws(ProviderError) in try await provider.find(marker: "m") }
            #expect(error?.code == .unavailable)
            #expect(script.asked.count == PageWalk.maxPages)
        }
    }

    // MARK: Documents and replicas

    @Test func `S0-16 S0-34 documents are asked for by text and tag, and what does not fit is left out`() async throws {
        try await ScriptedProvider.run({ request in
            guard request.query("page") == "0" else { return .answer(200, #"{"data":[]}"#) }
            return .answer(
                200,
                """
                {"data":[
                    {"document_id":"d1","document_name":"Leave Policy","tags":["hr","law"],"status":"ready",
                     "created_at":"2026-01-02 03:04:05"},
                    {"document_id":"d2","document_name":"Menu","tags":["hr"]},
                    {"uuid":"d3","document_name":"Policy of travel","tags":["hr"],"status":"error",
                     "error_message":"file_too_large"},
                    {"document_name":"policy without id","tags":["hr"]}, "junk", null
                ]}
                """)
        }) { provider, script in
            let documents = try await provider.documents(DocumentQuery(text: "policy", tags: ["hr"]))
            #expect(
                documents == [
                    RemoteDocument(
                        id: "d1", name: "Leave Policy", tags: ["hr", "law"],
                        createdAt: Date(timeIntervalSince1970: 1_767_323_045), status: "ready"),
                    RemoteDocument(
                        id: "d3", name: "Policy of travel", tags: ["hr"], progress: .failed, status: "error",
                        errorCode: "file_too_large"),
                ])
            let request = try #require(script.asked.first)
            #expect(request.query("name_or_uuid") == "policy" && request.query("tags") == "hr")
        }
    }

    @Test func `S0-17 all pages of replicas are read once each, and their states are told apart`() async throws {
        try await ScriptedProvider.run({ request in
            let items = [
                "1":
                    #"{"replica_id":"r1","replica_name":"A","status":"completed","thumbnail_video_url":"https://x/a"}"#,
                "2":
                    #"{"replica_id":"r2","replica_name":"B","status":"started","training_progress":"40/100","thumbnail_video_url":"javascript:x"}"#,
            ]
            return .answer(200, #"{"data":[\#(items[request.query("page") ?? ""] ?? "")],"total_count":2}"#)
        }) { provider, script in
            let replicas = try await provider.replicas()
            #expect(
                replicas == [
                    RemoteReplica(id: "r1", name: "A", thumbnailURL: "https://x/a", status: "completed"),
                    RemoteReplica(
                        id: "r2", name: "B", progress: .building, status: "started", trainingProgress: "40/100"),
                ])
            #expect(script.asked.count == 2)
        }
    }

    @Test func `S0-61 a replica is trained with the videos that were named`() async throws {
        try await ScriptedProvider.run({ _ in .answer(200, #"{"replica_id":"r9","status":"started"}"#) }) {
            provider, script in
            let replica = try await provider.train(ReplicaTraining(name: "Asha", videoURL: "https://v/1"))
            #expect(replica == RemoteReplica(id: "r9", name: "Asha", progress: .building, status: "started"))
            #expect(script.asked[0].line == "POST /v2/replicas")
            #expect(script.asked[0].json == ["replica_name": "Asha", "train_video_url": "https://v/1"])
        }
    }

    @Test func `S0-62 a voice is cloned only where there is a place for it`() async throws {
        let request = VoiceCloning(name: "Asha", sampleURL: "https://v/1")
        try await ScriptedProvider.run({ _ in .answer(200, #"{"voice_id":"v1"}"#) }) { provider, script in
            let error = await failure { () throws(ProviderError) in try await provider.clone(request) }
            #expect(error?.code == .notSupported && script.asked.isEmpty)
        }
        for (status, code) in [(200, nil), (404, ProviderError.Code.notSupported), (422, .rejected)] {
            try await ScriptedProvider.run({ _ in .answer(status, #"{"voice_id":"v1"}"#) }) {
                $0.voicesPath = "/v2/voices"
            } _: { provider, _ in
                #expect(await failure { () throws(ProviderError) in try await provider.clone(request) }?.code == code)
            }
        }
    }
}
