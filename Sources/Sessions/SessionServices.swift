import Audio
import ClientProtocol
import Observability
import Personas
import RealtimeProtocol

/// What every session of a process shares.
public struct SessionServices: Sendable {
    /// Finds and compiles a persona by id or alias.
    public var personas: @Sendable (_ id: String, _ mode: String?) -> Result<CompiledPersona, PersonaRefusal>
    /// Fetches a persona that `personas` does not know, for a user; nil where there are no others.
    public var storedPersonas:
        (
            @Sendable (_ id: String, _ mode: String?, _ user: String) async -> Result<CompiledPersona, PersonaRefusal>
        )?
    /// Told, once a session is over, with whom it has talked; on the session's executor.
    public var onVisits: (@Sendable (SessionIdentity, [PersonaVisit]) -> Void)?
    /// Told what is said, in final words, with the id of whom the user talks with; on the session's executor.
    public var onWords: (@Sendable (SessionIdentity, _ persona: String, Transcript) -> Void)?
    /// For a client on `/ws` that names no persona.
    public var defaultPersona: String?
    public var connector: any RealtimeConnector
    public var decoder: UtteranceDecoder
    public var greetings: GreetingMemory
    /// Greetings that need not be spoken again; nil has each one spoken afresh.
    public var greetingCache: GreetingCache?
    public var encodedGreetings = EncodedGreetings()
    /// What speaks: renderings of different models are different.
    public var modelName: String
    /// For estimates of what sessions cost.
    public var prices = PriceTable()
    public var clock: any SessionClock
    public var limits: SessionLimits
    /// Where clients that lost their connection come back; nil where none may.
    public var resumeDesk: ResumeDesk?
    /// How replies are encoded for clients that take Opus.
    public var opus = OpusEncoder.Settings()
    public var metrics: SessionMetrics
    public var log: Log

    public init(
        personas: @escaping @Sendable (String, String?) -> Result<CompiledPersona, PersonaRefusal>,
        defaultPersona: String?, connector: any RealtimeConnector, decoder: UtteranceDecoder,
        greetings: GreetingMemory, greetingCache: GreetingCache? = nil, modelName: String = "",
        clock: any SessionClock, limits: SessionLimits = SessionLimits(),
        metrics: SessionMetrics, log: Log
    ) {
        self.personas = personas
        self.defaultPersona = defaultPersona
        self.connector = connector
        self.decoder = decoder
        self.greetings = greetings
        self.greetingCache = greetingCache
        self.modelName = modelName
        self.clock = clock
        self.limits = limits
        self.metrics = metrics
        self.log = log
    }
}

/// Why a persona was not given.
public struct PersonaRefusal: Error, Sendable, Equatable {
    public var code: ErrorCode
    public var message: String

    public init(_ code: ErrorCode, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// Bounds of one session.
public struct SessionLimits: Sendable {
    public var conversation = ConversationMachine.Limits()
    /// What a client is told in `welcome`.
    public var maxMessageBytes = 4 << 20
    public var pingSeconds = 15
    /// A longer reply is cut: a legacy client gets it as one WAV of 64 kB of base64 a second.
    public var maxReplySeconds = 120
    /// Audio sent to a streaming client beyond what it has played.
    public var sendAheadMs = 400
    /// Voice over a reply that is taken for an interruption: longer than a cough, shorter than "no, wait".
    public var bargeInVoicedMs = 240
    /// Bytes that wait for the model before the user's microphone is not read any more: 1.4 s of PCM16 in base64.
    public var maxUpstreamBacklogBytes = 96 << 10
    /// For which a conversation without a connection waits for its client.
    public var resumeGrace = Duration.seconds(60)
    /// The same, where the user has opened another connection: it goes on with the conversation soon, or not at all.
    public var supersededGrace = Duration.seconds(5)
    /// Between two `session` messages, each with a new token to resume with.
    public var newsInterval = Duration.seconds(300)
    /// Sent audio that is kept for a client that may come back: more than the send-ahead window, less than a session may
    /// cost.
    public var keptReplyMs = 5_000
    /// Frames in a row that are no messages, before the connection is closed with 4400.
    public var maxBadMessages = 100

    public init() {}
}
