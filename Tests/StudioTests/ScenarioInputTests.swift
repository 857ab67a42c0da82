import JSON
import Studio
import Testing

/// What a test sends, with some members changed; nil takes one out.
func scenario(_ changes: [String: JSONValue?] = [:]) -> [String: JSONValue] {
    var members: [String: JSONValue] = [
        "title": "Career Transition Coaching", "description": "Help somebody into a new field",
        "category": "Leadership",
        "duration": 15, "difficulty": "intermediate", "tags": ["career", "coaching", "growth"],
    ]
    for (key, value) in changes { members[key] = value }
    return members
}

/// A scenario whose persona has these members.
func withPersona(_ members: [String: JSONValue]) -> [String: JSONValue] {
    scenario(["persona": .object(members.merging(["systemPrompt": "You listen."]) { first, _ in first })])
}

/// The fields that are complained about, in order.
func faults(_ members: [String: JSONValue]) -> [String] {
    do throws(InvalidInput) {
        _ = try ScenarioInput(members)
        return []
    } catch {
        return error.violations.map(\.field)
    }
}

func letters(_ count: Int, _ letter: String = "a") -> JSONValue { .string(String(repeating: letter, count: count)) }

func texts(_ count: Int) -> JSONValue { .array((0..<count).map { .string("t\($0)") }) }

@Suite struct ScenarioInputTests {
    @Test func `S0-3 tags and persona may be left out`() throws {
        let input = try ScenarioInput(scenario(["tags": nil, "difficulty": nil]))
        #expect(input.details.tags == [] && input.persona == nil && input.details.difficulty == nil)
    }

    @Test(
        arguments: [
            ("title", letters(100), true), ("title", letters(101), false), ("title", " \u{1C}\u{3000}", false),
            ("title", nil, false), ("title", 7, false), ("description", letters(500), true),
            ("description", letters(501), false), ("description", "", false), ("description", nil, false),
            ("duration", 1, true), ("duration", 120, true), ("duration", 0, false), ("duration", 121, false),
            ("duration", 1.5, false), ("duration", 15.0, true), ("duration", "15", false), ("duration", true, false),
            ("duration", nil, false), ("tags", texts(10), true), ("tags", texts(11), false), ("tags", ["a", 1], false),
            ("tags", "a", false), ("tags", [""], false), ("tags", [letters(51)], false), ("tags", .null, true),
            ("imageUrl", "https://a/b.png", true), ("imageUrl", "javascript:alert(1)", false), ("persona", [], false),
            ("persona", .null, true),
        ] as [(String, JSONValue?, Bool)])
    func `S0-20 each field has its bounds`(field: String, value: JSONValue?, isSound: Bool) {
        #expect(faults(scenario([field: value])) == (isSound ? [] : [field]))
    }

    @Test(
        arguments: [
            ("category", "Team Management", true), ("category", "Decision Making", true),
            ("category", "leadership", false),
            ("category", "Astrology", false), ("category", nil, false), ("difficulty", "advanced", true),
            ("difficulty", "expert", false), ("difficulty", .null, true),
        ] as [(String, JSONValue?, Bool)])
    func `S0-4 category and difficulty are of a few words`(field: String, value: JSONValue?, isSound: Bool) {
        #expect(faults(scenario([field: value])) == (isSound ? [] : [field]))
    }

    @Test(
        arguments: [
            (["pipelineMode": "full", "systemPrompt": "Be kind"], []),
            (["pipelineMode": "echo", "systemPrompt": ""], []),
            (["pipelineMode": "full", "systemPrompt": " \n"], ["systemPrompt"]),
            (["systemPrompt": .null], ["systemPrompt"]),
            (["pipelineMode": "loud"], ["pipelineMode"]), (["pipelineMode": 1], ["pipelineMode"]),
        ] as [([String: JSONValue], [String])])
    func `S0-21 S0-27 a persona that thinks needs a prompt, one that echoes does not`(
        persona: [String: JSONValue], wrong: [String]
    ) {
        #expect(faults(withPersona(persona)) == wrong)
    }

    @Test(
        arguments: [
            ("systemPrompt", letters(5_000, "क"), letters(5_001, "क")), ("context", letters(10_000), letters(10_001)),
            ("document_ids", texts(50), texts(51)), ("document_tags", texts(20), texts(21)),
        ] as [(String, JSONValue, JSONValue)])
    func `S0-22 S0-23 S0-24 S0-25 S0-27 lengths are counted in scalars`(
        field: String, most: JSONValue, more: JSONValue
    ) {
        #expect(faults(withPersona([field: most])) == [])
        #expect(faults(withPersona([field: more])) == [field])
    }

    @Test func `S0-26 twenty functions are taken, and one more is not`() {
        func tools(_ count: Int) -> [String: JSONValue] {
            ["layers": ["llm": ["tools": .array((0..<count).map { ["name": .string("tool_\($0)")] })]]]
        }
        #expect(faults(withPersona(tools(20))) == [])
        #expect(faults(withPersona(tools(21))) == ["llm.tools"])
    }

    @Test func `everything that is wrong is told at once`() {
        let members = scenario([
            "title": nil, "duration": 999, "category": "x",
            "persona": [
                "pipelineMode": "x", "context": letters(10_001), "layers": ["stt": ["stt_engine": 1], "llm": 2],
            ],
        ])
        #expect(
            Set(faults(members)) == [
                "title", "duration", "category", "pipelineMode", "context", "systemPrompt", "stt.stt_engine", "llm",
            ])
    }

    @Test func `S0-9 what the provider alone decides is passed over`() throws {
        let persona: [String: JSONValue] = [
            "status": "ready", "lastStatusAt": "2025-12-01T10:00:00Z", "syncError": "x", "isSyncedRemote": true,
            "personaId": "p1",
        ]
        let input = try ScenarioInput(withPersona(persona))
        let json = try #require(input.persona?.json)
        #expect(Set(json.keys).isDisjoint(with: persona.keys))
    }

    @Test func `S0-12 a persona that nobody described has the defaults`() {
        let json = PersonaConfig.standard.json
        #expect(json["pipelineMode"] == "full" && json["document_ids"] == [] && json["document_tags"] == [])
        let layers = json["layers"]
        #expect(layers?["llm"] == ["model": "tavus-gpt-4o", "speculative_inference": true, "tools": []])
        #expect(layers?["tts"] == ["tts_engine": "cartesia", "tts_model_name": "sonic", "voice_settings": [:]])
        #expect(layers?["perception"] == [:])
        #expect(layers?["stt"] == ["stt_engine": "tavus-advanced", "smart_turn_detection": true])
        #expect(layers?["conversational_flow"] == ["turn_taking_patience": "medium", "turn_commitment": "medium"])
    }

    @Test func `S0-11 layers are merged over the defaults`() throws {
        let input = try ScenarioInput(withPersona(["layers": ["llm": ["model": "gpt-5.2"]]]))
        let layers = try #require(input.persona?.layers)
        #expect(layers["llm"] == ["model": "gpt-5.2", "speculative_inference": true, "tools": []])
        #expect(layers["tts"] == PersonaLayers.defaults["tts"])
    }

    @Test func `S0-18 both spellings of a name are taken`() throws {
        let snake: [String: JSONValue] = [
            "persona_name": "Coach", "system_prompt": "Listen", "pipeline_mode": "echo", "default_replica_id": "r1",
        ]
        let camel: [String: JSONValue] = [
            "personaName": "Coach", "systemPrompt": "Listen", "pipelineMode": "echo", "defaultReplicaId": "r1",
        ]
        #expect(try PersonaInput.config(snake) == PersonaInput.config(camel))
    }

    @Test func `S0-35 documents inside the layers, as an older shape has them, come out on top`() throws {
        let layers: JSONValue = ["document_ids": ["d1"], "document_tags": ["t1"]]
        let config = try PersonaInput.config(["systemPrompt": "x", "layers": layers])
        #expect(config.documentIDs == ["d1"] && config.documentTags == ["t1"])
        #expect(config.layers["document_ids"] == nil && config.layers["document_tags"] == nil)
    }

    @Test func `the persona of a scenario without one may be sent back as it was read`() throws {
        let members = scenario(["persona": .object(PersonaConfig.standard.json)])
        #expect(try ScenarioInput(members).persona == .standard)
    }

    @Test func `S0-53 the object of the specification is taken`() throws {
        let persona: JSONValue = [
            "personaName": "Career Coach", "systemPrompt": "You are an experienced career coach.",
            "pipelineMode": "full",
            "context": "The user wants to change from engineering to product management.",
            "layers": [
                "llm": ["model": "tavus-gpt-4o", "speculative_inference": true],
                "tts": ["tts_engine": "cartesia", "tts_model_name": "sonic", "voice_settings": ["speed": "normal"]],
            ],
        ]
        let input = try ScenarioInput(scenario(["persona": persona]))
        #expect(input.details.duration == 15 && input.persona?.name == "Career Coach")
    }
}

@Suite struct LayerTests {
    @Test(
        arguments: [
            ("S0-38", "tts", "tts_engine", "elevenlabs", 1), ("S0-38", "tts", "external_voice_id", "v1", []),
            ("S0-38", "tts", "tts_model_name", "sonic-3", true),
            ("S0-38", "tts", "voice_settings", ["speed": 1], "fast"),
            ("S0-38", "tts", "tts_emotion_control", true, "yes"),
            ("S0-39", "perception", "perception_model", "raven-1", 0),
            ("S0-39", "perception", "ambient_awareness_queries", ["Is somebody there?"], [1]),
            ("S0-39", "perception", "perception_tool_prompt", "Call it", []),
            ("S0-39", "perception", "perception_tools", [["name": "notify"]], [["name": ""]]),
            ("S0-40", "stt", "stt_engine", "tavus-auto", []),
            ("S0-40", "stt", "participant_pause_sensitivity", "low", "none"),
            ("S0-40", "stt", "participant_interrupt_sensitivity", "high", 3),
            ("S0-41", "conversational_flow", "turn_detection_model", "sparrow-1", [:]),
            ("S0-41", "conversational_flow", "turn_taking_patience", "high", "patient"),
            ("S0-41", "conversational_flow", "turn_commitment", "low", true),
            ("S0-41", "conversational_flow", "replica_interruptibility", "medium", "MEDIUM"),
            ("S0-41", "conversational_flow", "active_listening", "medium", "yes"),
            ("S0-37", "llm", "speculative_inference", false, "false"), ("S0-37", "llm", "model", "gpt-5.2", 5),
        ] as [(String, String, String, JSONValue, JSONValue)])
    func `S0-37 S0-38 S0-39 S0-40 S0-41 a layer's members are checked, and kept as they came`(
        id: String, layer: String, key: String, good: JSONValue, bad: JSONValue
    ) throws {
        let config = try PersonaInput.config(["systemPrompt": "x", "layers": [layer: [key: good]]])
        #expect(PersonaConfig(stored: config.json).layers[layer]?[key] == good, "\(id)")
        let wrong = faults(withPersona(["layers": [layer: [key: bad]]]))
        #expect(wrong.count == 1 && wrong[0].hasPrefix("\(layer).\(key)"), "\(id)")
    }

    @Test func `what nobody here knows goes through as it is`() throws {
        let config = try PersonaInput.config([
            "systemPrompt": "x", "layers": ["stt": ["new_key": [1, .null]], "mood": [:]],
        ])
        #expect(config.layers["stt"]?["new_key"] == [1, .null] && config.layers["mood"] == [:])
    }

    @Test func `layers have a size`() {
        #expect(faults(withPersona(["layers": ["x": ["y": letters(70_000)]]])) == ["layers"])
    }
}

@Suite struct FunctionToolTests {
    private func wrong(_ value: JSONValue) -> [String] {
        do throws(InvalidInput) {
            _ = try FunctionTool(value)
            return []
        } catch {
            return error.violations.map(\.field)
        }
    }

    @Test func `S0-60 both forms of a function are taken, and mean the same`() throws {
        let inner: JSONValue = [
            "name": "book", "description": "Books a slot",
            "parameters": ["type": "object", "properties": ["day": ["type": "string"]], "required": ["day"]],
        ]
        let flat = try FunctionTool(inner)
        #expect(try FunctionTool(["type": "function", "function": inner]) == flat)
        #expect(try FunctionTool(flat.json) == flat)
    }

    @Test(
        arguments: [
            ([:], ["name"]), (["name": ""], ["name"]), (["name": "two words"], ["name"]),
            (["name": letters(65)], ["name"]),
            (["name": "a", "parameters": []], ["parameters"]), (["name": "a", "parameters": "x"], ["parameters"]),
            (["name": "a", "parameters": ["type": "string"]], ["parameters.type"]),
            (["name": "a", "parameters": ["properties": ["b": 1]]], ["parameters.properties.b"]),
            (["name": "a", "parameters": ["properties": ["b": ["type": "date"]]]], ["parameters.properties.b.type"]),
            (["name": "a", "parameters": ["required": "b"]], ["parameters.required"]),
            (["name": "a", "parameters": ["properties": ["b": ["items": 3]]]], ["parameters.properties.b.items"]),
            (["name": "a", "description": 7], ["description"]), (["name": "a", "type": "tool"], ["type"]),
            (["function": "a"], ["function"]), (7, ["function"]),
        ] as [(JSONValue, [String])])
    func `S0-37 a function that no model could call is refused with the place`(tool: JSONValue, fields: [String]) {
        #expect(self.wrong(tool) == fields)
    }

    @Test func `a schema that goes on for ever is refused`() {
        var schema: JSONValue = ["type": "string"]
        for _ in 0..<20 { schema = ["type": "object", "properties": ["a": schema]] }
        #expect(self.wrong(["name": "a", "parameters": schema]).count == 1)
    }
}
