import JSON

/// What a client says.
public enum ClientMessage: Sendable, Equatable {
    case hello(Hello)
    case config(PersonaRequest)
    case audio(Utterance)
    /// A piece of live microphone audio, in the format that `hello` announced.
    case audioChunk([UInt8])
    case commit(turnID: String?)
    case cancel(responseID: String?)
    case text(String)
    case played(responseID: String, ms: Int)
    /// Whether what is heard over the reply is meant for the persona, where the client knows.
    case bargeIn(isMeant: Bool)
    /// Playback has reached a `mark`, or dropped it.
    case markAck(name: String, isCleared: Bool)
    case state(ClientState)
    case ping(t: JSONValue?)
    case bye
    /// A type that this version does not know, or one that asks for nothing; ignored.
    case other(type: String)
}

/// What a streaming client asks for.
public struct Hello: Sendable, Equatable {
    public var version: String
    /// As the client wrote them; what this version does not know has no effect.
    public var features: [String]
    /// Of the microphone.
    public var input: AudioFormat
    /// The first of the offered formats that can be given.
    public var output: AudioFormat
    /// False: the microphone hears the loudspeaker.
    public var cancelsEcho: Bool
    /// The conversation to go on with.
    public var resume: Resume?

    /// Where a client that lost its connection was.
    public struct Resume: Sendable, Equatable {
        /// Of the last `welcome` or `session`.
        public var token: String
        /// `seq` of the last event that arrived.
        public var lastSequence: Int
        /// The response that was being played, and how much of it was heard; nil where none was.
        public var played: Played?

        public init(token: String, lastSequence: Int = 0, played: Played? = nil) {
            self.token = token
            self.lastSequence = lastSequence
            self.played = played
        }
    }

    /// A position in a response.
    public struct Played: Sendable, Equatable {
        public var responseID: String
        public var ms: Int

        public init(responseID: String, ms: Int) {
            self.responseID = responseID
            self.ms = ms
        }
    }

    public init(
        version: String, features: [String] = [], input: AudioFormat = .plain, output: AudioFormat = .plain,
        cancelsEcho: Bool = true
    ) {
        self.version = version
        self.features = features
        self.input = input
        self.output = output
        self.cancelsEcho = cancelsEcho
    }

    public func asks(for feature: Feature) -> Bool { self.features.contains(feature.rawValue) }
}

/// What a client tells of itself; nil for what it does not tell.
public struct ClientState: Sendable, Equatable {
    public enum Output: String, Sendable {
        case audio, text
    }

    /// Whether the app can be seen. A phone may put one to sleep that cannot.
    public var isInForeground: Bool?
    /// The microphone is off.
    public var isMuted: Bool?
    /// How replies are wanted, from the next one on.
    public var output: Output?

    public init(isInForeground: Bool? = nil, isMuted: Bool? = nil, output: Output? = nil) {
        self.isInForeground = isInForeground
        self.isMuted = isMuted
        self.output = output
    }
}

/// Which persona, and how to begin with it.
public struct PersonaRequest: Sendable, Equatable {
    public enum History: String, Sendable {
        case fresh, carry
    }

    /// As the client named it: an id or an alias.
    public var id: String
    public var mode: String?
    /// nil where the client did not say.
    public var history: History?
    public var greets: Bool
    public var switchID: String?
    /// One of the voices that models accept; nil leaves it to the persona.
    public var voice: String?
    /// A name or a BCP 47 tag; nil leaves it to the persona.
    public var language: String?
    /// What the app knows of its user, by name.
    public var vars: [String: String] = [:]

    public init(
        id: String, mode: String? = nil, history: History? = nil, greets: Bool = true, switchID: String? = nil
    ) {
        self.id = id
        self.mode = mode
        self.history = history
        self.greets = greets
        self.switchID = switchID
    }
}

/// One whole recording.
public struct Utterance: Sendable, Equatable {
    /// A container or raw samples, as they came.
    public var bytes: [UInt8]
    /// What the client says it is; the bytes themselves outrank it.
    public var format: String?
    /// Of raw samples, in hertz.
    public var sampleRate: Int?
    /// Of raw samples: 1 or 2.
    public var channels: Int?
    /// The same turn sent again carries the same id and is answered once.
    public var turnID: String?

    public init(
        bytes: [UInt8], format: String? = nil, sampleRate: Int? = nil, channels: Int? = nil, turnID: String? = nil
    ) {
        self.bytes = bytes
        self.format = format
        self.sampleRate = sampleRate
        self.channels = channels
        self.turnID = turnID
    }
}

/// Why a frame is no message: a code for programs, a sentence for people. Neither repeats the frame's own text.
public struct ClientMessageError: Error, Sendable, Equatable {
    public var code: ErrorCode
    public var message: String

    public init(_ code: ErrorCode, _ message: String) {
        self.code = code
        self.message = message
    }
}
