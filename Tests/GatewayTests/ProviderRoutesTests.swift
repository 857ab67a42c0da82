import Foundation
import JSON
import Observability
import Providers
import TestSupport
import Testing
import Transport

@testable import Gateway

@Suite struct ProviderRoutesTests {
    private static let down = ProviderError(
        .timeout, "the provider did not answer in time", detail: "tavusapi.com:443: secret words",
        disposition: .retry(after: nil))
    private static let replicas = [
        RemoteReplica(id: "r1", name: "Asha", thumbnailURL: "https://x/a", status: "completed"),
        RemoteReplica(id: "r2", name: "Ravi", progress: .building, status: "started", trainingProgress: "40/100"),
        RemoteReplica(id: "r3", name: "", progress: .failed, status: "error"),
    ]
    private static let documents = [
        RemoteDocument(
            id: "d1", name: "Policy", tags: ["hr"], createdAt: Date(timeIntervalSince1970: 1_767_323_045),
            status: "ready"),
        RemoteDocument(id: "d2", name: "Menu", progress: .building, status: "processing"),
    ]

    private func run(
        _ provider: FakeProvider?, clonesVoices: Bool = false, log: Log = .disabled,
        _ body: (StudioHarness) async throws -> Void
    ) async throws {
        let access = ProviderAccess(provider, clonesVoices: clonesVoices)
        try await StudioHarness.run(provider: access, log: log, body)
    }

    // MARK: Lists

    @Test(arguments: ["/api/tavus", "/tavus"])
    func `S0-50 S0-34 documents come as a bare array, by text and tag`(prefix: String) async throws {
        let provider = FakeProvider { $0.documents = Self.documents }
        try await self.run(provider) { studio in
            let answer = await studio.ask("GET", "\(prefix)/documents?q=pol&tags=hr,law&tags=x")
            #expect(answer.status == 200)
            #expect(
                answer.json == [
                    ["id": "d1", "name": "Policy", "tags": ["hr"], "created_at": "2026-01-02T03:04:05Z"],
                    ["id": "d2", "name": "Menu", "tags": [], "created_at": .null],
                ])
            _ = await studio.ask("GET", "\(prefix)/documents?search=pol")
            #expect(provider.calls == [#"documents pol ["hr", "law", "x"] "#, "documents pol [] "])
        }
    }

    @Test(arguments: ["/api/tavus", "/tavus"])
    func `S0-51 S0-17 replicas that can be used come as a bare array, all of them with their state when asked`(
        prefix: String
    ) async throws {
        try await self.run(FakeProvider { $0.replicas = Self.replicas }) { studio in
            let usable = await studio.ask("GET", "\(prefix)/replicas")
            #expect(usable.json == [["id": "r1", "name": "Asha", "thumbnail_url": "https://x/a"]])
            let all = try #require(await studio.ask("GET", "\(prefix)/replicas?all=1").json.array)
            #expect(all.map { $0["status"] } == ["completed", "started", "error"])
            #expect(all[1]["training_progress"] == "40/100" && all[2]["thumbnail_url"] == .null)
            #expect(await studio.ask("GET", "\(prefix)/replicas?all=perhaps").status == 422)
        }
    }

    // MARK: Making

    @Test func `S0-61 a replica is trained and told with its state, ten in an hour for one user`() async throws {
        let provider = FakeProvider()
        let body: JSONValue = ["replica_name": "Asha", "train_video_url": "https://v/1", "consent_video_url": .null]
        try await self.run(provider) { studio in
            let made = await studio.ask("POST", "/api/tavus/replicas", body)
            #expect(made.status == 201 && made.json["id"] == "r9" && made.json["status"] == "started")
            for _ in 0..<9 { _ = await studio.ask("POST", "/tavus/replicas", body) }
            let eleventh = await studio.ask("POST", "/api/tavus/replicas", body)
            #expect(eleventh.status == 429 && eleventh.headers["retry-after"] != nil)
            #expect(provider.calls.count == 10)
            #expect(await studio.ask("POST", "/api/tavus/replicas", body, as: "ravi").status == 201)
        }
    }

    @Test(
        arguments: [
            ([:], ["replica_name", "train_video_url"]),
            (["replica_name": " ", "train_video_url": "ftp://v"], ["replica_name", "train_video_url"]),
            (["replica_name": "A", "train_video_url": "https://v/ü"], ["train_video_url"]),
            (["replica_name": "A", "train_video_url": "https://v", "consent_video_url": 7], ["consent_video_url"]),
        ] as [(JSONValue, [String])])
    func `a training that is not sound names every field and never reaches the provider`(
        body: JSONValue, fields: [String]
    ) async throws {
        let provider = FakeProvider()
        try await self.run(provider) { studio in
            let answer = await studio.ask("POST", "/api/tavus/replicas", body)
            #expect(answer.status == 422)
            #expect(answer.json["errors"]?.array?.compactMap { $0["field"]?.string } == fields)
            #expect(provider.calls.isEmpty)
        }
    }

    @Test func `S0-61 what the provider refuses does not count, and what it may have made does`() async throws {
        let body: JSONValue = ["replica_name": "Asha", "train_video_url": "https://v/1"]
        for (disposition, last) in [
            (ProviderError.Disposition.retry(after: nil), 502), (.never, 502), (.unknownOutcome, 429),
        ] {
            let provider = FakeProvider {
                $0.failures["train"] = ProviderError(.unavailable, "no", disposition: disposition)
            }
            try await self.run(provider) { studio in
                for _ in 0..<10 { #expect(await studio.ask("POST", "/api/tavus/replicas", body).status == 502) }
                #expect(await studio.ask("POST", "/api/tavus/replicas", body).status == last)
            }
        }
    }

    @Test func `S0-62 voices are made only where that is enabled, and where the provider can`() async throws {
        let body: JSONValue = ["voice_name": "Asha", "sample_url": "https://v/1"]
        for provider in [nil, FakeProvider()] {
            try await self.run(provider) { studio in
                let answer = await studio.ask("POST", "/api/tavus/voices", body)
                #expect(answer.status == 501 && answer.json["code"] == "capability_disabled")
            }
        }
        try await self.run(FakeProvider(), clonesVoices: true) { studio in
            let made = await studio.ask("POST", "/tavus/voices", body)
            #expect(made.status == 201 && made.json == ["id": "v1", "name": "Asha"])
        }
        let unable = FakeProvider {
            $0.failures["clone"] = ProviderError(.notSupported, "the provider has no place for it", disposition: .never)
        }
        try await self.run(unable, clonesVoices: true) { studio in
            let answer = await studio.ask("POST", "/api/tavus/voices", body)
            #expect(answer.status == 501 && answer.json["code"] == "not_supported")
        }
    }

    // MARK: Failures

    @Test func `S0-54 without a key every route says so, and scenarios go on`() async throws {
        let training: JSONValue = ["replica_name": "A", "train_video_url": "https://v"]
        try await self.run(nil) { studio in
            for (method, path, body) in [
                ("GET", "/api/tavus/documents", nil), ("GET", "/tavus/replicas", nil),
                ("POST", "/api/tavus/replicas", training),
            ] {
                let answer = await studio.ask(method, path, body)
                #expect(answer.status == 503 && answer.json["code"] == "provider_not_configured", "\(path)")
            }
            let made = await studio.ask("POST", "/api/scenarios", .object(StudioHarness.input()))
            #expect(made.status == 201 && made.json["warnings"] == nil)
        }
    }

    @Test func `S0-16 S0-57 a provider that fails is 502 in our words, and its own are logged with the request's id`()
        async throws
    {
        let log = CollectedLog()
        let provider = FakeProvider { $0.failures["documents"] = Self.down }
        try await self.run(provider, log: log.log) { studio in
            let answer = await studio.ask("GET", "/api/tavus/documents")
            #expect(answer.status == 502 && answer.json["code"] == "provider_timeout")
            #expect(!answer.text.contains("secret words") && !answer.text.contains("tavusapi"))
            let record = try #require(log.records.first { $0.message == "provider failed" })
            #expect(record.level == .warning && record[.providerReason] == .text(Self.down.detail))
            #expect(record[.requestID] == answer.json["request_id"]?.string.map { .text($0) })
        }
    }

    @Test(
        arguments: [
            (.rateLimited, .retry(after: .seconds(7)), 503, "7"), (.busy, .retryLater, 503, "30"),
            (.outOfCredits, .retryLater, 502, nil), (.unauthorized, .never, 502, nil), (.gone, .never, 404, nil),
            (.rejected, .never, 422, nil), (.malformed, .unknownOutcome, 502, nil),
        ] as [(ProviderError.Code, ProviderError.Disposition, Int, String?)])
    func `each failure has its status, and a pause where coming back helps`(
        code: ProviderError.Code, disposition: ProviderError.Disposition, status: Int, pause: String?
    ) {
        let response = ErrorResponse(ProviderError(code, "m", detail: "d", disposition: disposition))
        #expect(response.status == status && response.code == code.rawValue && response.message == "m")
        #expect(response.headers.first { $0.0 == "retry-after" }?.1 == pause)
    }

    // MARK: In scenarios

    @Test func `S0-36 a scenario shows the documents of its persona when asked, also one that is gone`() async throws {
        let provider = FakeProvider { $0.documents = Self.documents }
        try await self.run(provider) { studio in
            let id = await studio.make([
                "persona": ["systemPrompt": "p", "document_ids": ["d2", "d7", "d1"]]
            ])
            let path = "/api/scenarios/\(id)"
            #expect(await studio.ask("GET", path).json["documents"] == nil)
            let answer = await studio.ask("GET", "\(path)?expand=documents")
            #expect(answer.status == 200 && answer.headers["etag"] == nil)
            let documents = try #require(answer.json["documents"]?.array)
            #expect(documents.map { $0["name"] } == ["Menu", .null, "Policy"])
            #expect(documents.map { $0["status"] } == ["processing", "gone", "ready"])
            #expect(documents[2]["created_at"] == "2026-01-02T03:04:05Z" && documents[2]["tags"] == ["hr"])
            #expect(await studio.ask("GET", "\(path)?expand=all").status == 422)
        }
    }

    @Test func `a scenario without documents needs no provider to say so, and one with documents does`() async throws {
        try await self.run(nil) { studio in
            let none = await studio.make()
            #expect(await studio.ask("GET", "/api/scenarios/\(none)?expand=documents").json["documents"] == [])
            let some = await studio.make(["persona": ["systemPrompt": "p", "document_ids": ["d1"]]])
            #expect(await studio.ask("GET", "/api/scenarios/\(some)?expand=documents").status == 503)
        }
        try await self.run(FakeProvider { $0.failures["document"] = Self.down }) { studio in
            let some = await studio.make(["persona": ["systemPrompt": "p", "document_ids": ["d1", "d2"]]])
            #expect(await studio.ask("GET", "/api/scenarios/\(some)?expand=documents").status == 502)
        }
    }

    @Test func `the author of a scenario is warned of what the provider does not take as it is`() async throws {
        let provider = FakeProvider { $0.warnings = ["llm.model: x is retired"] }
        let input = JSONValue.object(StudioHarness.input(["persona": ["systemPrompt": "p"]]))
        try await self.run(provider) { studio in
            let made = await studio.ask("POST", "/api/scenarios", input)
            #expect(made.json["warnings"] == ["llm.model: x is retired"])
            let path = "/api/scenarios/\(made.json["id"]?.string ?? "")"
            #expect(await studio.ask("GET", path).json == made.json)
            let kept = await studio.ask("PUT", path, input)
            #expect(kept.json["warnings"] == ["llm.model: x is retired"])
        }
        let picky = FakeProvider {
            $0.failures["payload"] = ProviderError(
                .replicaRequired, "needs a replica", disposition: .never, field: "defaultReplicaId")
        }
        try await self.run(picky) { studio in
            let made = await studio.ask("POST", "/api/scenarios", input)
            #expect(made.status == 201 && made.json["warnings"] == ["defaultReplicaId: needs a replica"])
            let silent = await studio.ask("POST", "/api/scenarios", .object(StudioHarness.input()))
            #expect(silent.json["warnings"] == nil, "nobody has said anything of its persona")
        }
    }

    @Test func `S0-37 S0-38 S0-39 S0-40 S0-41 what an author sets of the layers is read back as it was`() async throws {
        let layers: [String: JSONValue] = [
            "llm": ["model": "gpt-5.2", "speculative_inference": false, "tools": []],
            "tts": [
                "tts_engine": "elevenlabs", "external_voice_id": "v1", "tts_model_name": "m",
                "voice_settings": ["speed": 0.5], "tts_emotion_control": true,
            ],
            "perception": [
                "perception_model": "raven-0", "ambient_awareness_queries": ["q"], "perception_tool_prompt": "t",
                "perception_tools": [],
            ],
            "stt": [
                "stt_engine": "tavus-whisper", "participant_pause_sensitivity": "low",
                "participant_interrupt_sensitivity": "high", "smart_turn_detection": false,
            ],
            "conversational_flow": [
                "turn_detection_model": "sparrow-0", "turn_taking_patience": "high", "turn_commitment": "low",
                "replica_interruptibility": "low", "active_listening": "medium",
            ],
        ]
        try await self.run(FakeProvider()) { studio in
            let id = await studio.make(["persona": ["systemPrompt": "p", "layers": .object(layers)]])
            let read = await studio.ask("GET", "/api/scenarios/\(id)").json["persona"]?["layers"]
            for (name, layer) in layers { #expect(read?[name] == layer, "\(name)") }
        }
    }

    @Test(arguments: [
        ("stt", "participant_pause_sensitivity"), ("stt", "participant_interrupt_sensitivity"),
        ("conversational_flow", "turn_taking_patience"), ("conversational_flow", "turn_commitment"),
        ("conversational_flow", "replica_interruptibility"), ("conversational_flow", "active_listening"),
    ]) func `S0-40 S0-41 a level is low, medium or high`(layer: String, key: String) async throws {
        try await self.run(nil) { studio in
            for level in ["low", "medium", "high", "none", ""] as [JSONValue] {
                let persona: JSONValue = ["systemPrompt": "p", "layers": .object([layer: .object([key: level])])]
                let answer = await studio.ask(
                    "POST", "/api/scenarios", .object(StudioHarness.input(["persona": persona])))
                let isLevel = ["low", "medium", "high"].contains(level)
                #expect(answer.status == (isLevel ? 201 : 422), "\(level)")
                #expect(isLevel || answer.json["errors"]?.array?.first?["field"] == .string("\(layer).\(key)"))
            }
        }
    }

    @Test(arguments: ["llm.tools", "perception.perception_tools", "perception.visual_tools", "perception.audio_tools"])
    func `S0-26 S0-37 S0-39 twenty functions are taken, one more is not, nor one without a name or with odd parameters`(
        field: String
    ) async throws {
        let parts = field.split(separator: ".").map(String.init)
        func status(_ tools: [JSONValue]) -> (StudioHarness) async -> (Int, [String]) {
            { studio in
                let layers: JSONValue = .object([parts[0]: .object([parts[1]: .array(tools)])])
                let persona: JSONValue = ["systemPrompt": "p", "layers": layers]
                let answer = await studio.ask(
                    "POST", "/api/scenarios", .object(StudioHarness.input(["persona": persona])))
                return (answer.status, answer.json["errors"]?.array?.compactMap { $0["field"]?.string } ?? [])
            }
        }
        let tools: [JSONValue] = (0...20).map { ["type": "function", "function": ["name": .string("f\($0)")]] }
        try await self.run(nil) { studio in
            #expect(await status(Array(tools.prefix(20)))(studio) == (201, []))
            #expect(await status(tools)(studio) == (422, [field]))
            #expect(await status([["description": "no name"]])(studio) == (422, ["\(field)[0].name"]))
            #expect(
                await status([["name": "f", "parameters": [1]]])(studio) == (422, ["\(field)[0].parameters"]))
        }
    }

    @Test func `S0-19 nothing that the routes answer holds more than what the provider was read for`() async throws {
        let error = ProviderError(
            .unauthorized, "the provider does not take this server's key", detail: "401 Invalid access token",
            disposition: .never)
        try await self.run(FakeProvider { $0.failures["replicas"] = error }) { studio in
            let answer = await studio.ask("GET", "/api/tavus/replicas")
            #expect(answer.status == 502 && !answer.text.contains("Invalid access token"))
        }
    }
}
