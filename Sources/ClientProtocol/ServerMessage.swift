import JSON

/// What the gateway says.
public enum ServerMessage: Sendable, Equatable {
    case welcome(Welcome)
    case configAck(PersonaCard, switchID: String?)
    /// One complete WAV file: a whole reply.
    case wavResponse([UInt8], responseID: String)
    /// A piece of a reply: PCM16 LE mono 24 kHz, an even number of bytes.
    case pcmResponse([UInt8], responseID: String)
    case textResponse(String, responseID: String)
    case audioStart(ReplyHeader)
    /// A piece of a reply in the format of its `audio_start`, from `offsetMs` of it on; one packet where that is Opus.
    case audioDelta([UInt8], responseID: String, itemID: String, generation: Int, offsetMs: Int)
    case audioEnd(responseID: String, totalMs: Int, reason: ReplyEnd)
    case clear(generation: Int, heardMs: Int)
    /// Somebody speaks over the reply: hold it until `resumeAudio` or `clear`.
    case pause(generation: Int, responseID: String, deadlineMs: Int)
    /// It was nothing: go on at the same sample.
    case resumeAudio(generation: Int, responseID: String, fromMs: Int)
    case transcript(Transcript)
    /// `user` and `cause` say why it is silent, where it is.
    case state(AgentState, user: UserState? = nil, cause: SilenceCause? = nil)
    /// Queued behind audio: asks to be told when playback has come so far.
    case mark(name: String, responseID: String)
    case metrics(TurnMetrics)
    case warning(code: String, message: String)
    case error(ErrorCode, message: String, isFatal: Bool, retryAfterMs: Int?)
    case goaway(reason: String, byMs: Int)
    case session(SessionNews)
    case pong(t: JSONValue?, serverMs: Int)
}

/// The answer to `hello`: what was granted.
public struct Welcome: Sendable, Equatable {
    public var sessionID: String
    public var features: [Feature]
    public var input: AudioFormat
    public var output: AudioFormat
    public var maxMessageBytes: Int
    public var pingSeconds: Int
    public var resumption = Resumption.new
    /// Opens the conversation again after the connection was lost; nil where that is not offered.
    public var resumeToken: String?
    /// Seconds after the loss of the connection for which the conversation is kept.
    public var graceSeconds = 0
    /// Who speaks in a conversation that goes on.
    public var persona: PersonaCard?

    /// What became of the conversation that a client wants to go on with.
    public enum Resumption: String, Sendable {
        /// None was named.
        case new
        case resumed
        /// It is over, or never was; this is a new one.
        case expired
    }

    public init(
        sessionID: String, features: [Feature] = [], input: AudioFormat = .plain, output: AudioFormat = .plain,
        maxMessageBytes: Int, pingSeconds: Int
    ) {
        self.sessionID = sessionID
        self.features = features
        self.input = input
        self.output = output
        self.maxMessageBytes = maxMessageBytes
        self.pingSeconds = pingSeconds
    }
}

/// Figures of a session, now and then, and the next token to resume it with.
public struct SessionNews: Sendable, Equatable {
    /// Takes the place of the one before; nil where resuming is not offered.
    public var resumeToken: String?
    /// Speech of the user, and speech that was sent, in milliseconds.
    public var audioInMs: Int
    public var audioOutMs: Int

    public init(resumeToken: String?, audioInMs: Int, audioOutMs: Int) {
        self.resumeToken = resumeToken
        self.audioInMs = audioInMs
        self.audioOutMs = audioOutMs
    }
}

/// A persona as a client sees it.
public struct PersonaCard: Sendable, Equatable {
    public var id: String
    public var kind: String
    public var name: String
    public var voice: String
    /// BCP 47.
    public var language: String

    public init(id: String, kind: String, name: String, voice: String, language: String) {
        self.id = id
        self.kind = kind
        self.name = name
        self.voice = voice
        self.language = language
    }
}

/// What a reply is, before its audio.
public struct ReplyHeader: Sendable, Equatable {
    public enum Kind: String, Sendable {
        case answer, greeting
    }

    public var responseID: String
    public var itemID: String
    public var generation: Int
    public var kind: Kind
    /// It was spoken before and is played again.
    public var isCached: Bool
    /// What its audio is on the wire.
    public var audio: AudioFormat
    /// Names it in the headers of binary frames; nil where its audio goes as `audio_delta`.
    public var stream: UInt16?
    /// Where its audio begins: beyond 0 where a client comes back in the middle of it.
    public var fromMs = 0

    public init(
        responseID: String, itemID: String, generation: Int, kind: Kind, isCached: Bool = false,
        audio: AudioFormat = .plain, stream: UInt16? = nil
    ) {
        self.responseID = responseID
        self.itemID = itemID
        self.generation = generation
        self.kind = kind
        self.isCached = isCached
        self.audio = audio
        self.stream = stream
    }
}

public enum ReplyEnd: String, Sendable {
    case done, interrupted, failed
}

public enum AgentState: String, Sendable {
    case idle, listening, thinking, speaking, switching, reconnecting
}

public enum UserState: String, Sendable {
    case speaking, silent, away
}

/// Why nothing is heard of the persona.
public enum SilenceCause: String, Sendable {
    /// It is the user's turn.
    case waiting
    /// The user speaks.
    case listening
    /// The microphone is off.
    case muted
    /// No persona was chosen.
    case noPersona = "no_persona"
    /// The persona's model is being reached.
    case connecting
    /// The model was lost and is being replaced.
    case modelLost = "model_lost"
    /// The model cannot be had; the next turn tries again.
    case modelUnavailable = "model_unavailable"
    /// A recording is being decoded.
    case decoding
    /// The model thinks.
    case model
    /// Somebody spoke over the reply, and it is not known yet whether it is given up.
    case interrupted
}

/// Where the time of a turn went, in milliseconds.
public struct TurnMetrics: Sendable, Equatable {
    public var turnID: String
    /// From the end of the user's turn until the model was asked.
    public var endpointMs: Int
    /// From then until its first audio.
    public var upstreamFirstMs: Int
    /// From then until that was on its way to the client.
    public var gatewayMs: Int

    public init(turnID: String, endpointMs: Int, upstreamFirstMs: Int, gatewayMs: Int) {
        self.turnID = turnID
        self.endpointMs = endpointMs
        self.upstreamFirstMs = upstreamFirstMs
        self.gatewayMs = gatewayMs
    }

    public var firstAudioMs: Int { self.endpointMs + self.upstreamFirstMs + self.gatewayMs }
}

/// A piece of what was said, or all of it.
public struct Transcript: Sendable, Equatable {
    public enum Role: String, Sendable {
        case user, assistant
    }

    public var role: Role
    public var itemID: String
    public var text: String
    /// False: `text` is added to what came before.
    public var isFinal: Bool
    /// The item that it follows, where the model says so.
    public var previousItemID: String?
    /// BCP 47, as far as the script tells.
    public var language: String?

    public init(role: Role, itemID: String, text: String, isFinal: Bool) {
        self.role = role
        self.itemID = itemID
        self.text = text
        self.isFinal = isFinal
    }
}

extension ServerMessage {
    /// Whether clients that never said `hello` are sent it: they know a few messages and show the rest nowhere.
    public var isForLegacyClients: Bool {
        switch self {
        case .configAck, .wavResponse, .pcmResponse, .textResponse, .warning, .error, .goaway, .pong: true
        case .welcome, .audioStart, .audioDelta, .audioEnd, .clear, .pause, .resumeAudio, .transcript, .state, .session,
            .mark,
            .metrics:
            false
        }
    }
}
