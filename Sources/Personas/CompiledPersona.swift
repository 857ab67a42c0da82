import JSON

/// Everything that a session needs of a persona: the output of `Persona.compiled`.
public struct CompiledPersona: Sendable, Equatable {
    /// Who decides that the user's turn is over, when the microphone is live.
    public enum TurnDetection: Sendable, Equatable {
        /// How soon the model takes over after a pause.
        public enum Eagerness: String, Sendable {
            case low, medium, high, auto
        }

        case serverVAD
        case semanticVAD(Eagerness)
    }

    public var id: PersonaID
    public var kind: PersonaKind
    public var name: String
    public var field: String
    public var instructions: String
    /// Always one that a model accepts.
    public var voice: RealtimeVoice
    /// What the author wrote, which may be another.
    public var authoredVoice: String?
    public var greeting: String?
    /// BCP 47; also the hint for transcription.
    public var language: String
    /// Functions that the model may call, as the Realtime API describes them.
    public var tools: [JSONValue]
    public var turnDetection: TurnDetection
    /// The user hears what the user says; no model is asked.
    public var isEcho = false
    /// Of all the above, in hexadecimal: two sessions with the same value were told the same.
    public var sha256: String
    /// What the author asked for and does not get, or may not have meant.
    public var warnings: [String]
    /// The hash of what the greeting sounds like, where that is not all that this call was told.
    var spokenAs: String?

    /// Two personas with the same value greet with the same sound.
    public var greetingHash: String { self.spokenAs ?? self.sha256 }

    public init(
        id: PersonaID, kind: PersonaKind, name: String, field: String, instructions: String, voice: RealtimeVoice,
        authoredVoice: String? = nil, greeting: String?, language: String, tools: [JSONValue] = [],
        turnDetection: TurnDetection = .serverVAD, sha256: String = "", warnings: [String] = []
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.field = field
        self.instructions = instructions
        self.voice = voice
        self.authoredVoice = authoredVoice
        self.greeting = greeting
        self.language = language
        self.tools = tools
        self.turnDetection = turnDetection
        self.sha256 = sha256
        self.warnings = warnings
    }

    /// As `/api/personas/{id}/compiled` shows it, without hash and warnings.
    var content: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "id": .string(self.id.rawValue), "kind": .string(self.kind.rawValue), "name": .string(self.name),
            "field": .string(self.field), "instructions": .string(self.instructions),
            "voice": .string(self.voice.rawValue), "voice_id": self.authoredVoice.map { .string($0) } ?? .null,
            "greeting": self.greeting.map { .string($0) } ?? .null, "language": .string(self.language),
            "tools": .array(self.tools), "turn_detection": .object(self.turnDetection.members),
        ]
        if self.isEcho { members["pipeline"] = "echo" }
        return members
    }

    public var json: JSONValue {
        var members = self.content
        members["sha256"] = .string(self.sha256)
        members["warnings"] = .array(self.warnings.map { .string($0) })
        return .object(members)
    }
}

extension CompiledPersona.TurnDetection {
    fileprivate var members: [String: JSONValue] {
        switch self {
        case .serverVAD: ["type": "server_vad"]
        case .semanticVAD(let eagerness): ["type": "semantic_vad", "eagerness": .string(eagerness.rawValue)]
        }
    }
}
