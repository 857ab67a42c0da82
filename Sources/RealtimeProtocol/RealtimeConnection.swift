/// One connection to a realtime model, seen by the session that owns it. Confined to that session's executor: calling it
/// from elsewhere traps.
public protocol RealtimeConnection: AnyObject, Sendable {
    var capabilities: RealtimeCapabilities { get }

    /// The name by which the model was asked for; empty while none answers.
    var model: String { get }

    /// Queues one event. `.refused` means that it will not be sent: the queue is full, or the connection is over.
    @discardableResult
    func send(_ event: RealtimeClientEvent) -> SendOutcome

    /// Queues microphone audio (PCM16 LE mono 24 kHz) without copying it first.
    @discardableResult
    func appendInputAudio(_ audio: UnsafeRawBufferPointer) -> SendOutcome

    /// How long it can still be used before its provider, or the configuration, ends it. nil where nothing does, and before
    /// `session.created`.
    var remainingLife: Duration? { get }

    /// Bytes accepted and not yet given to the kernel.
    var queuedBytes: Int { get }

    /// Says goodbye and closes. The handler hears nothing after this call.
    func close()
}

/// What happened to something that was to be sent.
public enum SendOutcome: Sendable, Equatable {
    /// Given to the kernel.
    case sent
    /// Queued; it goes out when the peer takes more.
    case buffered
    /// Not taken, because the bounded queue is full.
    case dropped
    /// Not taken, because the connection is closing or closed.
    case closed
}

/// Opens connections to a realtime model.
public protocol RealtimeConnector: Sendable {
    /// Starts to connect and returns at once; everything that follows reaches `handler`, on `executor`, in order, and
    /// ends with exactly one `.failed` or `.closed`, unless `close()` is called first.
    ///
    /// - Parameter executor: the event loop that the calling session lives on.
    func connect(
        on executor: any SerialExecutor, handler: @escaping @Sendable (RealtimeConnectionEvent) -> Void
    ) -> any RealtimeConnection
}

/// What a connection tells its owner.
public enum RealtimeConnectionEvent: Sendable, Equatable {
    case event(RealtimeServerEvent)
    /// The send queue has fallen below its low-water mark after a send was `.buffered` or `.dropped`.
    case drained
    /// The connection could not be opened.
    case failed(UpstreamFailure)
    /// An open connection has ended.
    case closed(UpstreamFailure)
}

/// What the model behind a connection can do. Asked for instead of the model's name.
public struct RealtimeCapabilities: Sendable, Hashable {
    /// `createItem(.forceMessage)` speaks a text word for word.
    public var speaksVerbatim: Bool
    public var truncates: Bool
    public var detectsTurns: Bool
    /// Voices that it accepts; empty accepts any.
    public var voices: Set<String>

    public init(
        speaksVerbatim: Bool = false, truncates: Bool = true, detectsTurns: Bool = true, voices: Set<String> = []
    ) {
        self.speaksVerbatim = speaksVerbatim
        self.truncates = truncates
        self.detectsTurns = detectsTurns
        self.voices = voices
    }
}

/// Why the model cannot be reached any more, by what can be done about it.
public struct UpstreamFailure: Error, Sendable, Equatable {
    public enum Class: String, Sendable {
        /// Try again, with backoff.
        case transient
        /// It did not answer in time.
        case timeout
        /// The key is wrong, or may not use the model. Trying again does not help.
        case authentication
        /// The account has no credit. Trying again does not help.
        case quota
        /// Too many requests; try again later.
        case rateLimited
        /// The provider's maximum session length was reached: open another.
        case sessionExpired
        /// The request was wrong. Trying again does not help.
        case rejected
    }

    public var failureClass: Class
    /// One sentence for an operator, without secrets.
    public var message: String
    /// WebSocket close code or HTTP status, where there was one.
    public var status: Int?
    public var retryAfter: Duration?

    public init(_ failureClass: Class, _ message: String, status: Int? = nil, retryAfter: Duration? = nil) {
        self.failureClass = failureClass
        self.message = message
        self.status = status
        self.retryAfter = retryAfter
    }

    public var isRetriable: Bool {
        switch self.failureClass {
        case .transient, .timeout, .rateLimited, .sessionExpired: true
        case .authentication, .quota, .rejected: false
        }
    }
}
