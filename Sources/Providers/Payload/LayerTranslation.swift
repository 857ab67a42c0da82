import JSON
import Studio

/// Brings the layers of a persona to the words that the provider takes today. Ours keep the old ones, so that what apps
/// send is what they read back; whatever is renamed, moved or left out is told. Unknown members go through as they are.
struct LayerTranslation {
    /// A member of a layer.
    private struct Place {
        let layer: String
        let key: String

        init(_ text: String) {
            let parts = text.split(separator: ".")
            self.layer = String(parts[0])
            self.key = String(parts[1])
        }
    }

    private static let retiredModels = ["tavus-gpt-4o", "tavus-gpt-4o-mini"]
    private static let model = "tavus-gpt-oss"

    /// Same meaning under another name.
    private static let renamed = [
        ("tts.voice", "tts.external_voice_id"),
        ("perception.ambient_awareness_queries", "perception.visual_awareness_queries"),
        ("perception.perception_tool_prompt", "perception.visual_tool_prompt"),
        ("perception.perception_tools", "perception.visual_tools"),
        ("stt.participant_interrupt_sensitivity", "conversational_flow.replica_interruptibility"),
        ("conversational_flow.interruptibility", "conversational_flow.replica_interruptibility"),
    ]
    private static let dropped = ["conversational_flow.turn_commitment", "conversational_flow.active_listening"]
    private static let toolLists = [
        "llm.tools", "perception.visual_tools", "perception.audio_tools",
    ]

    private(set) var layers: [String: [String: JSONValue]]
    private(set) var warnings: [String] = []
    private let invertsPauseSensitivity: Bool

    init(_ layers: [String: JSONValue], invertsPauseSensitivity: Bool = false) {
        self.layers = layers.compactMapValues { $0.object?.filter { !$0.value.isNull } }
        self.invertsPauseSensitivity = invertsPauseSensitivity
    }

    mutating func run() {
        self.replaceModel()
        for (old, new) in Self.renamed { self.rename(old, to: new) }
        for place in Self.dropped where self.take(place) != nil {
            self.warn(place, "the provider has no such setting any more; it is left out")
        }
        self.moveTurnDetection()
        self.movePauseSensitivity()
        for place in Self.toolLists { self.wrapTools(place) }
        self.layers = self.layers.filter { !$0.value.isEmpty }
    }

    private subscript(text: String) -> JSONValue? {
        get {
            let place = Place(text)
            return self.layers[place.layer]?[place.key]
        }
        set {
            let place = Place(text)
            self.layers[place.layer, default: [:]][place.key] = newValue
        }
    }

    private mutating func take(_ place: String) -> JSONValue? {
        guard let value = self[place] else { return nil }
        self[place] = nil
        return value
    }

    private mutating func warn(_ place: String, _ sentence: String) {
        self.warnings.append("\(place): \(sentence)")
    }

    private mutating func rename(_ old: String, to new: String) {
        guard let value = self.take(old) else { return }
        guard self[new] == nil else { return self.warn(old, "\(new) is there as well; this one is left out") }
        self[new] = value
        self.warn(old, "sent as \(new)")
    }

    private mutating func replaceModel() {
        guard let model = self["llm.model"]?.string, Self.retiredModels.contains(model) else { return }
        self["llm.model"] = .string(Self.model)
        self.warn("llm.model", "\(model) is retired; \(Self.model) is sent")
    }

    /// A switch became the choice of a model, of which none is "off".
    private mutating func moveTurnDetection() {
        let (old, new) = ("stt.smart_turn_detection", "conversational_flow.turn_detection_model")
        guard let isSmart = self.take(old)?.bool else { return }
        guard isSmart, self[new] == nil else {
            return self.warn(old, isSmart ? "\(new) says it; this one is left out" : "cannot be switched off any more")
        }
        self[new] = "sparrow-1"
        self.warn(old, "sent as \(new) sparrow-1")
    }

    /// Patience that is only the default gives way: nobody has asked for it.
    private mutating func movePauseSensitivity() {
        let (old, new) = ("stt.participant_pause_sensitivity", "conversational_flow.turn_taking_patience")
        guard let value = self.take(old) else { return }
        let standard = PersonaLayers.defaults["conversational_flow"]?["turn_taking_patience"]
        guard self[new] == nil || self[new] == standard else {
            return self.warn(old, "\(new) is there as well; this one is left out")
        }
        let opposite: [JSONValue: JSONValue] = ["low": "high", "high": "low"]
        let sent = self.invertsPauseSensitivity ? opposite[value] ?? value : value
        self[new] = sent
        self.warn(
            old, "sent as \(new) \(sent.string ?? ""); the provider does not say whether low and high kept their sense")
    }

    /// Functions are taken in one of their two usual forms alone.
    private mutating func wrapTools(_ place: String) {
        guard let tools = self[place]?.array else { return }
        self[place] = .array(
            tools.map { tool in
                guard tool["function"]?.object == nil, let flat = tool.object else { return tool }
                return ["type": "function", "function": .object(flat.filter { $0.key != "type" })]
            })
    }
}
