import JSON

/// How a persona hears, thinks and speaks, in the provider's words.
public enum PersonaLayers {
    public static let defaults: [String: JSONValue] = [
        "llm": ["model": "tavus-gpt-4o", "speculative_inference": true, "tools": []],
        "tts": ["tts_engine": "cartesia", "tts_model_name": "sonic", "voice_settings": [:]],
        "perception": [:],
        "stt": ["stt_engine": "tavus-advanced", "smart_turn_detection": true],
        "conversational_flow": ["turn_taking_patience": "medium", "turn_commitment": "medium"],
    ]

    /// `changes` over `base`: objects are merged, everything else is replaced; a `null` takes the default away.
    public static func merge(_ changes: [String: JSONValue], over base: [String: JSONValue]) -> [String: JSONValue] {
        var merged = base
        for (key, value) in changes {
            switch (value, base[key]) {
            case (.null, _): merged[key] = nil
            case (.object(let inner), .object(let under)?): merged[key] = .object(self.merge(inner, over: under))
            default: merged[key] = value
            }
        }
        return merged
    }

    /// Without the keys that somebody else's service was paid with.
    public static func withoutSecrets(_ layers: [String: JSONValue]) -> [String: JSONValue] {
        layers.mapValues { layer in
            guard var members = layer.object else { return layer }
            for key in ["api_key", "headers"] { members[key] = nil }
            return .object(members)
        }
    }
}
