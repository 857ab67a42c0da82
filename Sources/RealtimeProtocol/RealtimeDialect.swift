import JSON

/// How a vendor's realtime protocol differs from the GA protocol of OpenAI, as data.
///
/// The events of this module have the names and shapes of GA; a dialect says what stands on the wire instead.
///
/// - Source: the vendors' client and server event references; `RealtimeBeta*` schemas of OpenAI for the old shape.
public struct RealtimeDialect: Sendable, Hashable {
    /// How a `session` object is laid out.
    enum SessionShape: Sendable, Hashable {
        /// `audio.input` and `audio.output`, `type: "realtime"`.
        case nested
        /// As `nested`, but `voice` and `turn_detection` stand at the top.
        case mixed
        /// Everything at the top, with a name of its own.
        case flat
    }

    /// What `input_audio_transcription` may hold.
    enum Transcription: Sendable, Hashable {
        /// The model, language and prompt that the client chose.
        case asAsked
        /// No model may be chosen; the language is a hint under this name.
        case hint(String)
        /// This model, whatever the client chose.
        case model(String)
    }

    /// As configurations spell it.
    public let name: String
    var session = SessionShape.nested
    /// Members that every `session.update` has, such as audio formats that are no default.
    var fixedSession: [String: JSONValue] = ["type": "realtime"]
    /// Names of server events that differ, and what they are called here.
    var eventNames: [String: String] = [:]
    /// Whether audio comes under its old name: asked for every event, so that it is no search in `eventNames`.
    private(set) var hasOldNames = false
    /// Client events that the server does not know: they are not sent.
    var unknownEvents: Set<String> = []
    /// What `output_modalities` is called in `response.create`, and what it holds where the client says nothing.
    var modalitiesKey = "output_modalities"
    var modalities: [String]?
    /// Fields of `response.create` that the server takes; nil takes all.
    var responseFields: Set<String>?
    var assistantContent = "output_text"
    var transcription = Transcription.asAsked
    /// Without it `server_vad` stands in for `semantic_vad`.
    var knowsSemanticVAD = true
    /// Whether `create_response` and `interrupt_response` can be set.
    var knowsTurnSwitches = true
    /// Whether the code of an error stands in its type.
    var codeIsType = false
    /// Whether tools stand in an object of their own beside their type.
    var wrapsTools = false
    /// The vendor's voice for each of ours; nil sends ours, an empty table sends none.
    var voices: [String: String]?
    /// Of the audio that a client sends, in hertz.
    public var inputSampleRate = 24_000
    /// The server does not always say `response.done`: after this long without another item, a response is over.
    public var responseTimeout: Duration?
    public var capabilities = RealtimeCapabilities()

    init(_ name: String) {
        self.name = name
    }
}

extension RealtimeDialect {
    public static let all = [openAI, beta, xAI, qwen, gaLite]

    /// The dialect of that name; nil where there is none.
    public init?(named name: String) {
        guard let dialect = Self.all.first(where: { $0.name == name }) else { return nil }
        self = dialect
    }

    /// OpenAI, Azure OpenAI v1, the embedded engine.
    public static let openAI = RealtimeDialect("openai")

    /// What OpenAI spoke until May 2026, and Azure's preview, Speaches and others still speak.
    public static let beta = RealtimeDialect("beta").with {
        $0.makeBeta()
    }

    /// xAI Grok Voice.
    public static let xAI = RealtimeDialect("xai").with {
        $0.session = .mixed
        $0.fixedSession = [
            "audio": [
                "input": ["format": ["type": "audio/pcm", "rate": 24_000]],
                "output": ["format": ["type": "audio/pcm", "rate": 24_000]],
            ]
        ]
        $0.modalitiesKey = "modalities"
        $0.modalities = ["text", "audio"]
        $0.knowsSemanticVAD = false
        $0.knowsTurnSwitches = false
        // Naming a model switches its server to cumulative transcription events.
        $0.transcription = .hint("language_hint")
        $0.voices = [
            "alloy": "eve", "coral": "eve", "marin": "ara", "sage": "ara", "shimmer": "ara", "ash": "rex",
            "cedar": "leo", "ballad": "leo", "echo": "sal", "verse": "sal",
        ]
        $0.responseTimeout = .seconds(5)
        $0.unknownEvents = ["conversation.item.truncate", "conversation.item.delete"]
        $0.capabilities.speaksVerbatim = true
        $0.capabilities.truncates = false
    }

    /// Qwen-Omni-Realtime.
    public static let qwen = RealtimeDialect("qwen").with {
        $0.makeBeta()
        $0.fixedSession = [
            "modalities": ["text", "audio"], "input_audio_format": "pcm", "output_audio_format": "pcm",
        ]
        $0.knowsSemanticVAD = false
        $0.wrapsTools = true
        $0.responseFields = ["instructions", "modalities"]
        $0.transcription = .model("gummy-realtime-v1")
        $0.voices = [
            "alloy": "Chelsie", "coral": "Cherry", "marin": "Cherry", "sage": "Serena", "shimmer": "Serena",
            "ash": "Ethan", "cedar": "Ethan", "ballad": "Ethan", "echo": "Ethan", "verse": "Ethan",
        ]
        $0.inputSampleRate = 16_000
        $0.responseTimeout = .seconds(5)
        $0.unknownEvents = ["conversation.item.truncate", "conversation.item.delete"]
        $0.capabilities.truncates = false
    }

    /// Servers that speak a part of GA: Hugging Face speech-to-speech, LocalAI.
    public static let gaLite = RealtimeDialect("ga-lite").with {
        $0.eventNames = ["conversation.item.created": "conversation.item.added"]
        $0.unknownEvents = [
            "conversation.item.truncate", "conversation.item.delete", "input_audio_buffer.clear",
        ]
        $0.knowsSemanticVAD = false
        $0.codeIsType = true
        // Their voices are those of whatever speech model they were started with.
        $0.voices = [:]
        $0.responseTimeout = .seconds(5)
        $0.capabilities.truncates = false
    }

    private mutating func makeBeta() {
        self.session = .flat
        self.fixedSession = [
            "modalities": ["text", "audio"], "input_audio_format": "pcm16", "output_audio_format": "pcm16",
        ]
        self.modalitiesKey = "modalities"
        self.modalities = ["text", "audio"]
        self.assistantContent = "text"
        self.hasOldNames = true
        self.eventNames = [
            "response.audio.delta": "response.output_audio.delta",
            "response.audio.done": "response.output_audio.done",
            "response.audio_transcript.delta": "response.output_audio_transcript.delta",
            "response.audio_transcript.done": "response.output_audio_transcript.done",
            "response.text.delta": "response.output_text.delta",
            "response.text.done": "response.output_text.done",
            "conversation.item.created": "conversation.item.added",
        ]
    }

    private func with(_ change: (inout Self) -> Void) -> Self {
        var changed = self
        change(&changed)
        return changed
    }
}
