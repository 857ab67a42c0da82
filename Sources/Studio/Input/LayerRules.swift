import JSON

/// What the members of a persona's layers must be. Members that are not named here go through as they are: the provider
/// has more of them every year.
public enum LayerRules {
    enum Rule: Sendable {
        case text(Int)
        case flag
        /// `low`, `medium` or `high`.
        case level
        case texts
        case object
        case tools
    }

    static let levels = ["low", "medium", "high"]
    public static let maxTools = 20
    /// All layers together, as JSON.
    public static let maxBytes = 65_536

    static let rules: [String: [String: Rule]] = [
        "llm": [
            "model": .text(100), "base_url": .text(2_048), "api_key": .text(1_000), "speculative_inference": .flag,
            "tools": .tools, "headers": .object, "extra_body": .object,
        ],
        "tts": [
            "tts_engine": .text(100), "tts_model_name": .text(100), "external_voice_id": .text(200),
            "voice": .text(200),
            "voice_settings": .object, "tts_emotion_control": .flag, "api_key": .text(1_000),
            "pronunciation_dictionary_id": .text(200),
        ],
        "perception": [
            "perception_model": .text(100), "ambient_awareness_queries": .texts,
            "perception_tool_prompt": .text(10_000),
            "perception_tools": .tools, "visual_awareness_queries": .texts, "visual_tool_prompt": .text(10_000),
            "visual_tools": .tools, "audio_awareness_queries": .texts, "audio_tool_prompt": .text(10_000),
            "audio_tools": .tools,
        ],
        "stt": [
            "stt_engine": .text(100), "participant_pause_sensitivity": .level,
            "participant_interrupt_sensitivity": .level, "smart_turn_detection": .flag, "hotwords": .text(2_000),
        ],
        "conversational_flow": [
            "turn_detection_model": .text(100), "turn_taking_patience": .level, "turn_commitment": .level,
            "replica_interruptibility": .level, "interruptibility": .level, "active_listening": .level,
        ],
    ]

    /// Everything that is wrong with the layers of a persona.
    static func violations(in layers: [String: JSONValue]) -> [Violation] {
        var found: [Violation] = []
        for name in layers.keys.sorted() where !["document_ids", "document_tags"].contains(name) {
            guard let layer = layers[name], !layer.isNull else { continue }
            guard let members = layer.object else {
                found.append(Violation(name, "must be an object"))
                continue
            }
            for (key, rule) in (self.rules[name] ?? [:]).sorted(by: { $0.key < $1.key }) {
                guard let value = members[key], !value.isNull else { continue }
                found += self.violations(in: value, rule, "\(name).\(key)")
            }
        }
        let size = JSONValue.object(layers).encoded.count
        if size > self.maxBytes {
            found.append(Violation("layers", "has \(size) bytes, and \(self.maxBytes) is the most"))
        }
        return found
    }

    private static func violations(in value: JSONValue, _ rule: Rule, _ field: String) -> [Violation] {
        switch rule {
        case .text(let limit):
            let isSound = value.string.map { $0.unicodeScalars.count <= limit } ?? false
            return isSound ? [] : [Violation(field, "must be a text of at most \(limit) characters")]
        case .flag: return value.bool == nil ? [Violation(field, "must be true or false")] : []
        case .level:
            let isSound = value.string.map { self.levels.contains($0) } ?? false
            return isSound ? [] : [Violation(field, "must be one of low, medium, high")]
        case .texts:
            let isSound = value.array?.allSatisfy { $0.string != nil } ?? false
            return isSound ? [] : [Violation(field, "must be an array of texts")]
        case .object: return value.object == nil ? [Violation(field, "must be an object")] : []
        case .tools: return FunctionTool.violations(inList: value, field)
        }
    }
}

extension LayerRules {
    /// The rules as JSON Schemas, by layer and member.
    ///
    /// - Parameter tool: the schema of a function.
    public static func schema(tool: JSONValue) -> [String: [String: JSONValue]] {
        self.rules.mapValues { $0.mapValues { self.schema($0, tool) } }
    }

    private static func schema(_ rule: Rule, _ tool: JSONValue) -> JSONValue {
        switch rule {
        case .text(let limit): ["type": ["string", "null"], "maxLength": .integer(limit)]
        case .flag: ["type": ["boolean", "null"]]
        case .level: ["enum": .array(self.levels.map { .string($0) } + [.null])]
        case .texts: ["type": ["array", "null"], "items": ["type": "string"]]
        case .object: ["type": ["object", "null"]]
        case .tools: ["type": ["array", "null"], "maxItems": .integer(self.maxTools), "items": tool]
        }
    }
}
