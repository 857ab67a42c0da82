import Foundation
import JSON
import Personas
import Studio
import Testing

@Suite struct SharingTests {
    private func stored(_ change: (inout PersonaConfig) -> Void = { _ in }) -> StoredPersona {
        var config = PersonaConfig()
        config.systemPrompt = "You are a coach."
        change(&config)
        let record = PersonaRecord(
            id: PersonaRecord.newID(), owner: "tara", kind: .scenario, config: config, createdAt: .now, updatedAt: .now)
        let details = ScenarioDetails(
            title: "Feedback", description: "Say it kindly", category: .communication, duration: 10, tags: ["a"])
        return StoredPersona(record: record, scenario: details, scenarioID: .new("scn"))
    }

    @Test func `S0-66 an export has no secret, and an import of it says the same`() throws {
        let stored = self.stored {
            $0.layers["llm"] = ["model": "own", "api_key": "sk-canary", "headers": ["authorization": "canary"]]
            $0.documentIDs = ["d1"]
            $0.defaultReplicaID = "r1"
        }
        let document = PersonaExport.document(stored)
        #expect(!document.text.contains("canary") && !document.text.contains("tara") && !document.text.contains("d1"))
        guard case .scenario(let input) = try PersonaExport.read(try #require(document.object)) else {
            Issue.record("it is a scenario")
            return
        }
        #expect(input.details == stored.scenario && input.persona?.systemPrompt == "You are a coach.")
        #expect(input.persona?.layers["llm"] == ["model": "own", "tools": [], "speculative_inference": true])
    }

    @Test(
        arguments: [
            [:], ["format": "other", "version": 1, "persona": [:]],
            ["format": "vaani.persona", "version": 2, "persona": [:]],
            ["format": "vaani.persona", "version": 1], ["format": "vaani.persona", "version": 1, "persona": 7],
            ["format": "vaani.persona", "version": 1, "persona": ["pipelineMode": "x"]],
            ["format": "vaani.persona", "version": 1, "persona": [:], "scenario": []],
            ["format": "vaani.persona", "version": 1, "persona": [:], "scenario": ["title": "x"]],
            [
                "format": "vaani.persona", "version": 1, "persona": ["systemPrompt": "You are a coach."],
                "scenario": [
                    "title": "x", "description": "y", "category": "Leadership", "duration": 5, "persona": [:],
                ],
            ],
        ] as [[String: JSONValue]])
    func `what was not exported is not imported`(document: [String: JSONValue]) {
        #expect(throws: InvalidInput.self) { try PersonaExport.read(document) }
    }
}

@Suite struct VoiceTests {
    private func persona(
        _ members: [String: JSONValue], scenario: ScenarioDetails? = nil
    ) throws -> (persona: Persona, warnings: [String]) {
        let record = PersonaRecord(
            id: PersonaRecord.newID(), owner: "tara", kind: .scenario, config: try PersonaInput.config(members),
            createdAt: .now, updatedAt: .now)
        var warnings: [String] = []
        let persona = StoredPersona(record: record, scenario: scenario).persona(&warnings)
        return (persona, warnings)
    }

    @Test func `a voice session is told prompt, title, description and context, the prompt byte for byte`() throws {
        let details = ScenarioDetails(
            title: "कठिन बातचीत", description: "टीम से बात करें", category: .communication, duration: 10)
        let prompt = "आप राहुल हैं,  \n\tएक थके हुए मैनेजर।"
        let (persona, _) = try self.persona(
            ["systemPrompt": .string(prompt), "context": "Deadline Friday"], scenario: details)
        #expect(persona.systemPrompt.hasPrefix(prompt + "\n\n"))
        for part in ["कठिन बातचीत", "टीम से बात करें", "Deadline Friday"] { #expect(persona.systemPrompt.contains(part)) }
        #expect(persona.language.tag == "hi" && persona.name == "कठिन बातचीत")
    }

    @Test(arguments: [
        ("low", CompiledPersona.TurnDetection.semanticVAD(.high)), ("medium", .semanticVAD(.medium)),
        ("high", .semanticVAD(.low)),
    ])
    func `who is patient waits longer`(patience: String, detection: CompiledPersona.TurnDetection) throws {
        let layers: JSONValue = ["conversational_flow": ["turn_taking_patience": .string(patience)]]
        #expect(try self.persona(["systemPrompt": "x", "layers": layers]).persona.turnDetection == detection)
    }

    @Test func `what a voice call has no use for is told`() throws {
        let (persona, warnings) = try self.persona([
            "systemPrompt": "x", "defaultReplicaId": "r1",
            "layers": ["tts": ["external_voice_id": "cartesia-7"], "llm": ["tools": [["name": "book"]]]],
        ])
        #expect(persona.voiceID == nil)
        for start in ["tts.external_voice_id", "llm.tools", "defaultReplicaId", "llm.model"] {
            #expect(warnings.contains { $0.hasPrefix(start) })
        }
        let known = try self.persona(["systemPrompt": "x", "layers": ["tts": ["external_voice_id": "nova"]]])
        #expect(known.persona.voiceID == "nova")
    }

    @Test func `S0-8 who is at a provider can be called when it is ready, and not before`() throws {
        var record = PersonaRecord(
            id: PersonaRecord.newID(), owner: "tara", kind: .provider, config: PersonaConfig(), createdAt: .now,
            updatedAt: .now)
        #expect(record.obstacle == nil)
        var state = SyncState(queuedAt: .now)
        var obstacles: [Bool] = []
        record.sync = state
        obstacles.append(record.obstacle != nil)
        for status in [SyncStatus.processing, .ready] {
            state.advance(to: status, at: .now)
            record.sync = state
            obstacles.append(record.obstacle != nil)
        }
        #expect(obstacles == [true, true, false])
    }
}

@Suite struct ScenarioDumpTests {
    private func dump(_ text: String) throws -> ScenarioDump {
        try ScenarioDump(Array(text.utf8), owner: "tara", now: Date(timeIntervalSince1970: 1_800_000_000))
    }

    private static let old = """
        {"id": "1712", "title": "Old", "description": "From before", "category": "Leadership", "duration": 10,
         "createdAt": "2025-11-10T02:15:00.500Z", "updatedAt": "2025-11-11T02:15:00"}
        """

    @Test func `S0-10 C-35 scenarios of an older app get tags and a persona, and keep their ids and times`() throws {
        for text in ["[\(Self.old)]", "{\"scenarios\": [\(Self.old)]}"] {
            let scenario = try #require(try self.dump(text).scenarios.first)
            #expect(scenario.id.rawValue == "1712" && scenario.owner == "tara" && scenario.details.tags == [])
            #expect(scenario.persona.config == .standard)
            #expect(scenario.createdAt.timeIntervalSince1970 == 1_762_740_900.5)
            #expect(scenario.updatedAt.timeIntervalSince1970 == 1_762_827_300)
        }
    }

    @Test func `a persona without a prompt is given one`() throws {
        let text = Self.old.replacing("\"duration\"", with: "\"persona\": {\"personaName\": \"A\"}, \"duration\"")
        let config = try #require(try self.dump("[\(text)]").scenarios.first).persona.config
        #expect(config.name == "A" && config.systemPrompt == PersonaConfig.standard.systemPrompt)
    }

    @Test func `what is no scenario is told by its place, and the rest is taken`() throws {
        let dump = try self.dump("[7, \(Self.old), {\"id\": \"a b\"}, {\"id\": \"x\", \"title\": 1}]")
        #expect(dump.scenarios.count == 1 && dump.rejected.map(\.index) == [0, 2, 3])
        #expect(dump.rejected[2].violations.count == 4)
    }

    @Test(arguments: ["", "7", "{}", "{\"scenarios\": {}}", "[1,]"])
    func `a text without scenarios is refused`(text: String) {
        #expect(throws: JSONError.self) { try self.dump(text) }
    }
}
