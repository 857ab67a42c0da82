import JSON
import Studio
import Testing

@testable import Providers

@Suite struct PayloadTests {
    private func payload(
        _ members: [String: JSONValue], _ profile: ProviderProfile = .personas, inverts: Bool = false
    ) throws -> ProviderPayload {
        var builder = PayloadBuilder(profile: profile)
        builder.invertsPauseSensitivity = inverts
        return try builder.payload(for: try PersonaInput.config(members), marker: "vaani:per_1", truncates: false)
    }

    private static let note = "\n\n[vaani:per_1: a note for programs, never to be said]"
    // What every persona has of the defaults, in the words of today.
    private static let standardLayers: JSONValue = [
        "llm": ["model": "tavus-gpt-oss", "speculative_inference": true, "tools": []],
        "tts": ["tts_engine": "cartesia", "tts_model_name": "sonic", "voice_settings": [:]],
        "stt": ["stt_engine": "tavus-advanced"],
        "conversational_flow": ["turn_taking_patience": "medium", "turn_detection_model": "sparrow-1"],
    ]

    @Test func `S0-18 S0-35 every field has the provider's name, and what is not set is absent`() throws {
        let whole = try self.payload([
            "personaName": "Coach", "systemPrompt": "Be kind.", "defaultReplicaId": "r1", "document_ids": ["d1", "d2"],
            "document_tags": ["hr"],
        ])
        #expect(
            whole.body == [
                "persona_name": "Coach", "system_prompt": .string("Be kind." + Self.note), "pipeline_mode": "full",
                "default_replica_id": "r1", "document_ids": ["d1", "d2"], "document_tags": ["hr"],
                "layers": Self.standardLayers,
            ])
        let least = try self.payload(["systemPrompt": "Be kind."])
        #expect(
            least.body == [
                "system_prompt": .string("Be kind." + Self.note), "pipeline_mode": "full",
                "layers": Self.standardLayers,
            ])
    }

    @Test func `documents that an app put inside the layers are sent at the top`() throws {
        let body = try self.payload([
            "systemPrompt": "p", "layers": ["document_ids": ["d1"], "document_tags": ["t"]],
        ]).body
        #expect(body["document_ids"] == ["d1"] && body["document_tags"] == ["t"])
        #expect(body["layers"]?["document_ids"] == nil && body["layers"]?["document_tags"] == nil)
    }

    @Test func `S0-18 a context is sent at the end of the prompt, and the author is told`() throws {
        let payload = try self.payload(["systemPrompt": "Be kind.", "context": "It rains."])
        #expect(
            payload.body["system_prompt"] == .string("Be kind.\n\n## What you know\nIt rains." + Self.note))
        #expect(payload.body["context"] == nil)
        #expect(payload.warnings.contains { $0.hasPrefix("context: ") })
    }

    @Test func `an echo needs no prompt, and carries the marker in its name`() throws {
        let body = try self.payload(["pipelineMode": "echo", "personaName": "Parrot"]).body
        #expect(body["pipeline_mode"] == "echo" && body["system_prompt"] == nil)
        #expect(body["persona_name"] == "Parrot [vaani:per_1]")
        #expect(try self.payload(["pipelineMode": "echo"]).body["persona_name"] == "[vaani:per_1]")
    }

    @Test func `the names of 2026 come alone, and a replica is needed`() throws {
        let members: [String: JSONValue] = ["personaName": "Coach", "systemPrompt": "p", "defaultReplicaId": "f1"]
        let body = try self.payload(members, .pals).body
        #expect(body["pal_name"] == "Coach" && body["default_face_id"] == "f1")
        #expect(body["persona_name"] == nil && body["default_replica_id"] == nil)
        #expect {
            try self.payload(["systemPrompt": "p"], .pals)
        } throws: {
            ($0 as? ProviderError)?.code == .replicaRequired && ($0 as? ProviderError)?.field == "defaultReplicaId"
        }
        var builder = PayloadBuilder(profile: .pals)
        builder.defaultReplica = "f9"
        let config = try PersonaInput.config(["systemPrompt": "p"])
        #expect(try builder.payload(for: config, marker: "m", truncates: false).body["default_face_id"] == "f9")
    }

    // MARK: Long prompts

    @Test func `a prompt of 5000 letters of Devanagari is sent, one more is refused or shortened as asked`() throws {
        let builder = PayloadBuilder(profile: .personas)
        var config = PersonaConfig()
        config.systemPrompt = String(repeating: "क", count: 5_000)
        let exact = try builder.payload(for: config, marker: "m", truncates: false)
        #expect(exact.body["system_prompt"]?.string?.hasPrefix(config.systemPrompt ?? "?") == true)
        config.systemPrompt? += "ख"
        #expect {
            try builder.payload(for: config, marker: "m", truncates: false)
        } throws: {
            ($0 as? ProviderError)?.code == .promptTooLong && ($0 as? ProviderError)?.field == "systemPrompt"
        }
        let short = try builder.payload(for: config, marker: "m", truncates: true)
        let prompt = try #require(short.body["system_prompt"]?.string)
        #expect(prompt.hasPrefix(String(repeating: "क", count: 5_000) + "\n\n[m: "))
        #expect(short.warnings.contains("systemPrompt: shortened from 5001 to 5000 characters"))
    }

    // MARK: Layers

    /// The layers that are sent for those of a client, and what is said of them.
    private func translate(
        _ layers: [String: JSONValue], inverts: Bool = false
    ) throws -> (sent: JSONValue, warnings: [String]) {
        let payload = try self.payload(["systemPrompt": "p", "layers": .object(layers)], inverts: inverts)
        return (payload.body["layers"] ?? .null, payload.warnings)
    }

    @Test func `S0-37 model, inference and functions reach the provider, functions in its one form`() throws {
        let parameters: JSONValue = ["type": "object", "properties": ["city": ["type": "string"]]]
        let flat: JSONValue = ["type": "function", "name": "weather", "parameters": parameters]
        let nested: JSONValue = ["type": "function", "function": ["name": "time", "description": "Now"]]
        let sent = try self.translate([
            "llm": [
                "model": "gpt-5.2", "speculative_inference": false, "tools": [flat, nested],
                "extra_body": ["temperature": 0.5],
            ]
        ]).sent
        #expect(
            sent["llm"] == [
                "model": "gpt-5.2", "speculative_inference": false,
                "tools": [["type": "function", "function": ["name": "weather", "parameters": parameters]], nested],
                "extra_body": ["temperature": 0.5],
            ])
    }

    @Test func `S0-38 engine, voice, settings and emotion reach the provider, an older name of the voice too`() throws {
        let tts: JSONValue = [
            "tts_engine": "elevenlabs", "external_voice_id": "v1", "tts_model_name": "sonic-3",
            "voice_settings": ["speed": 0.5], "tts_emotion_control": false,
        ]
        #expect(try self.translate(["tts": tts]).sent["tts"] == tts)
        let older = try self.translate(["tts": ["voice": "v2"]])
        #expect(older.sent["tts"]?["external_voice_id"] == "v2" && older.sent["tts"]?["voice"] == nil)
        #expect(older.warnings.contains("tts.voice: sent as tts.external_voice_id"))
        let both = try self.translate(["tts": ["voice": "v2", "external_voice_id": "v1"]])
        #expect(both.sent["tts"]?["external_voice_id"] == "v1" && both.sent["tts"]?["voice"] == nil)
        #expect(both.warnings.contains { $0.hasPrefix("tts.voice: ") })
    }

    @Test func `S0-39 what a persona watches for is sent under today's names`() throws {
        let tool: JSONValue = ["type": "function", "function": ["name": "wave"]]
        let (sent, warnings) = try self.translate([
            "perception": [
                "perception_model": "raven-0", "ambient_awareness_queries": ["Is somebody there?"],
                "perception_tool_prompt": "Wave back.", "perception_tools": [tool],
            ]
        ])
        #expect(
            sent["perception"] == [
                "perception_model": "raven-0", "visual_awareness_queries": ["Is somebody there?"],
                "visual_tool_prompt": "Wave back.", "visual_tools": [tool],
            ])
        for key in ["ambient_awareness_queries", "perception_tool_prompt", "perception_tools"] {
            #expect(warnings.contains { $0.hasPrefix("perception.\(key): sent as perception.visual_") }, "\(key)")
        }
    }

    @Test(arguments: ["low", "medium", "high"])
    func `S0-40 sensitivities become patience and interruptibility, and a word keeps its sense unless told otherwise`(
        level: String
    ) throws {
        let layers: [String: JSONValue] = [
            "stt": [
                "stt_engine": "tavus-whisper", "participant_pause_sensitivity": .string(level),
                "participant_interrupt_sensitivity": .string(level),
            ]
        ]
        let (sent, warnings) = try self.translate(layers)
        #expect(sent["stt"] == ["stt_engine": "tavus-whisper"])
        #expect(sent["conversational_flow"]?["turn_taking_patience"] == .string(level))
        #expect(sent["conversational_flow"]?["replica_interruptibility"] == .string(level))
        #expect(warnings.contains { $0.hasPrefix("stt.participant_pause_sensitivity: ") })
        #expect(warnings.contains { $0.hasPrefix("stt.participant_interrupt_sensitivity: ") })
        let inverted = try self.translate(layers, inverts: true).sent["conversational_flow"]
        let opposite = ["low": "high", "medium": "medium", "high": "low"][level]
        #expect(inverted?["turn_taking_patience"]?.string == opposite)
        #expect(inverted?["replica_interruptibility"] == .string(level))
    }

    @Test func `S0-41 turn taking reaches the provider, and what it has no more is told`() throws {
        let (sent, warnings) = try self.translate([
            "conversational_flow": [
                "turn_detection_model": "sparrow-0", "turn_taking_patience": "high", "turn_commitment": "low",
                "interruptibility": "low", "active_listening": "medium",
            ]
        ])
        #expect(
            sent["conversational_flow"] == [
                "turn_detection_model": "sparrow-0", "turn_taking_patience": "high",
                "replica_interruptibility": "low",
            ])
        for key in ["turn_commitment", "active_listening", "interruptibility"] {
            #expect(warnings.contains { $0.hasPrefix("conversational_flow.\(key): ") }, "\(key)")
        }
        #expect(warnings.contains { $0.hasPrefix("stt.smart_turn_detection: ") })
    }

    @Test func `an own patience outranks a sensitivity for pauses, the default one does not`() throws {
        let stt: JSONValue = ["participant_pause_sensitivity": "low"]
        let own = try self.translate(["stt": stt, "conversational_flow": ["turn_taking_patience": "high"]])
        #expect(own.sent["conversational_flow"]?["turn_taking_patience"] == "high")
        #expect(try self.translate(["stt": stt]).sent["conversational_flow"]?["turn_taking_patience"] == "low")
    }

    @Test func `a retired model is replaced, an unknown layer and an unknown member go through`() throws {
        let (sent, warnings) = try self.translate([
            "llm": ["model": "tavus-gpt-4o-mini", "novelty": [1, 2]], "conferencing": ["on": true],
        ])
        #expect(sent["llm"]?["model"] == "tavus-gpt-oss" && sent["llm"]?["novelty"] == [1, 2])
        #expect(sent["conferencing"] == ["on": true])
        #expect(warnings.contains { $0.hasPrefix("llm.model: tavus-gpt-4o-mini is retired") })
    }

    @Test func `a layer of which nothing is left is not sent`() throws {
        let sent = try self.translate([
            "perception": [:], "stt": ["stt_engine": .null, "smart_turn_detection": true],
            "conversational_flow": ["turn_commitment": "low", "turn_taking_patience": .null],
        ]).sent
        #expect(sent["perception"] == nil && sent["stt"] == nil)
        #expect(sent["conversational_flow"] == ["turn_detection_model": "sparrow-1"])
    }

    @Test func `no stored layer of any shape brings the translation down`() {
        let odd: [JSONValue] = [.null, 1, "text", [1], ["tools": "none"], ["tools": [1, "x", [:]], "model": 7]]
        for value in odd {
            let names = ["llm", "tts", "perception", "stt", "conversational_flow"]
            var translation = LayerTranslation(Dictionary(uniqueKeysWithValues: names.map { ($0, value) }))
            translation.run()
            #expect(translation.layers["tts"]?["voice"] == nil)
        }
    }
}
