import JSON

/// The configuration of a session, as `session.update` changes it and `session.updated` tells it.
///
/// What this engine acts on is typed. What it only keeps and echoes stays JSON, checked for its type on the way in.
struct SessionSettings: Sendable, Equatable {
    var instructions = Self.defaultInstructions
    /// `audio` or `text`.
    var outputModality = "audio"
    var inputFormat = AudioFormat.pcm
    var outputFormat = AudioFormat.pcm
    /// An object where the client wants to be told what it said, else null.
    var transcription = JSONValue.null
    var noiseReduction = JSONValue.null
    /// nil: the client commits and asks for responses itself.
    var turnDetection: TurnDetection? = .initial
    var voice = "marin"
    var speed = 1.0
    var tools: [JSONValue] = []
    var toolChoice = JSONValue.string("auto")
    var maxOutputTokens = TokenLimit.infinite
    var truncation = JSONValue.string("auto")
    var tracing = JSONValue.null
    var prompt = JSONValue.null
    var include = JSONValue.null

    static let defaultInstructions = "You are a friendly voice. Answer briefly."

    /// The whole session object.
    func json(_ identity: SessionIdentity) -> JSONValue {
        [
            "type": "realtime", "object": "realtime.session", "id": .string(identity.id),
            "model": .string(identity.model), "expires_at": .integer(identity.expiresAt),
            "instructions": .string(self.instructions), "output_modalities": [.string(self.outputModality)],
            "tools": .array(self.tools), "tool_choice": self.toolChoice,
            "max_output_tokens": self.maxOutputTokens.json, "truncation": self.truncation,
            "tracing": self.tracing, "prompt": self.prompt, "include": self.include,
            "audio": ["input": self.inputJSON, "output": self.outputJSON],
        ]
    }

    private var inputJSON: JSONValue {
        [
            "format": self.inputFormat.json, "transcription": self.transcription,
            "noise_reduction": self.noiseReduction, "turn_detection": self.turnDetection?.json ?? .null,
        ]
    }

    private var outputJSON: JSONValue {
        [
            "format": self.outputFormat.json, "voice": .string(self.voice), "speed": .number(self.speed),
        ]
    }
}

/// What about a session never changes.
struct SessionIdentity: Sendable, Equatable {
    let id: String
    let conversationID: String
    let model: String
    /// Seconds since 1970.
    let expiresAt: Int
}

/// How much a response may say. A token is 50 ms of speech, or about four letters.
enum TokenLimit: Sendable, Equatable {
    /// The protocol's `inf`: as much as a model's own limit of 4,096.
    case infinite
    case tokens(Int)

    var count: Int {
        if case .tokens(let count) = self { count } else { 4_096 }
    }

    var json: JSONValue {
        if case .tokens(let count) = self { .integer(count) } else { "inf" }
    }
}
