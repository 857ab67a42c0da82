import Audio
import ClientProtocol
import JSON
import Observability
import Personas
import RealtimeProtocol

/// One connected user: performs what the `ConversationMachine` decides.
///
/// The session lives on its user's event loop, together with the user's socket and the model's. It owns the model's
/// connections, the alarms and the decoding task, and ends all of them when the user goes.
public actor VoiceSession {
    public nonisolated let identity: SessionIdentity
    nonisolated let executor: any SessionExecutor
    let services: SessionServices
    /// The connection that is in force, or was last.
    var downstream: any Downstream
    let log: Log
    let openedAtMs: Int

    var machine: ConversationMachine
    var connections: [LineID: any RealtimeConnection] = [:]
    var alarms: [SessionTimer: any SessionAlarm] = [:]
    var recordings: [TurnID: Recording] = [:]
    var decodeQueue: [TurnID] = []
    var decoding: Task<Void, Never>?
    var feed: RecordingFeed?
    var delivery: ReplyDelivery
    var paceAlarm: (any SessionAlarm)?
    var microphone: MicrophoneIntake
    var speech = SpeechMemory()
    /// The line that `speech` is told to.
    var speechLine: LineID?
    var isMicrophoneHeld = false
    var commitsKept = false
    /// How replies go out; nil for a client that did not say `hello`.
    var replies: ReplyStream?
    var features: [Feature] = []
    var isStreaming = false
    var isOver = false
    var isDraining = false
    /// How its client finds this session again.
    var resumption = ResumptionState()
    /// The conversation that this session's client went on with instead.
    var continuation: Continuation?
    var isReadingPaused = false
    /// Audio waits while it is found out whether the user interrupts.
    var isAudioHeld = false
    /// Voice heard since then.
    var voicedMs = 0
    var sequence = 0
    var newsAlarm: (any SessionAlarm)?
    var badMessages = 0
    var turnIDs = RecentIDs(capacity: 16)
    var lastTurn = 0
    var timing = TurnTiming()
    /// The greeting that is being spoken, until it is known whether it may be kept.
    var greetingAudio: [UInt8]?
    var figures = SessionFigures()
    /// A persona that is being fetched; what the client says meanwhile waits in `heldMessages`.
    var lookup: Task<Void, Never>?
    var heldMessages: [ClientMessage] = []
    var visits = PersonaVisits()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    public init(
        executor: any SessionExecutor, identity: SessionIdentity, downstream: any Downstream, services: SessionServices
    ) {
        self.executor = executor
        self.identity = identity
        self.downstream = downstream
        self.services = services
        self.log = services.log.with(.sessionID, .text(identity.id)).with(.userID, .text(identity.user))
        self.openedAtMs = services.clock.nowMs
        self.machine = ConversationMachine(limits: services.limits.conversation)
        self.delivery = ReplyDelivery(maxSeconds: services.limits.maxReplySeconds)
        self.microphone = MicrophoneIntake()
        services.metrics.active.increment()
        services.metrics.opened.increment()
    }

    // MARK: The user's connection

    /// The connection is open. A persona that the URL names begins at once.
    public func opened() {
        self.log.info("session opened")
        guard let persona = self.identity.persona else { return }
        self.choose(PersonaRequest(id: persona, mode: self.identity.mode))
    }

    /// One text frame, borrowed for the call.
    public func received(text frame: UnsafeRawBufferPointer) {
        self.onConnection(frame) { $0.take(text: $1) }
    }

    func take(text frame: UnsafeRawBufferPointer) {
        guard !self.isOver else { return }
        do throws(ClientMessageError) {
            self.arrived(try ClientMessage(decoding: frame))
            self.badMessages = 0
        } catch {
            self.misunderstood(error.code, error.message)
        }
    }

    func misunderstood(_ code: ErrorCode, _ message: String) {
        self.badMessages += 1
        self.tell(code, message)
        if self.badMessages > self.services.limits.maxBadMessages {
            self.hangUp(.badMessages, .badMessage, "too many messages that could not be understood")
        }
    }

    /// The user's socket takes data again.
    public func drained() {
        self.onConnection { $0.deliver() }
    }

    /// The connection is gone. A client that may come back finds its conversation again for a while; else everything that
    /// this session opened is closed.
    public func disconnected(code: Int) {
        self.onConnection { session in
            if code != CloseCode.done.rawValue, session.wait(for: session.services.limits.resumeGrace) { return }
            session.end(code: code)
        }
    }

    /// Ends the session from outside: tells the user why, then closes.
    public func close(_ close: CloseCode, _ error: ErrorCode, _ message: String, retryAfterMs: Int? = nil) {
        self.onConnection { $0.hangUp(close, error, message, retryAfterMs: retryAfterMs) }
    }

    func hangUp(_ close: CloseCode, _ error: ErrorCode, _ message: String, retryAfterMs: Int? = nil) {
        guard !self.isOver else { return }
        self.send(.error(error, message: message, isFatal: true, retryAfterMs: retryAfterMs))
        self.downstream.close(close, reason: error.rawValue)
        if close == .superseded, self.wait(for: self.services.limits.supersededGrace) { return }
        self.end(code: close.rawValue)
    }

    /// What an operator may know of it.
    public var status: SessionStatus {
        get async {
            if let continuation = self.continuation { return await continuation.session.status }
            return SessionStatus(
                personaID: self.machine.persona?.id.rawValue, personaHash: self.machine.persona?.sha256,
                upstreams: self.connections.count, turns: self.figures.turns)
        }
    }

    /// The gateway is about to stop: tells the user, and ends as soon as nothing is being said.
    ///
    /// - Parameter byMs: when the connection will be cut, from now.
    public func drain(byMs: Int) {
        self.onConnection { session in
            guard !session.isDraining else { return }
            session.isDraining = true
            session.send(.goaway(reason: "restart", byMs: byMs))
            session.closeIfDrained()
        }
    }

    func closeIfDrained() {
        guard self.isDraining, !self.isOver, self.machine.isQuiet, !self.delivery.isWaiting else { return }
        self.hangUp(.restart, .goingAway, "the gateway stops or restarts; connect again in a moment")
    }

    // MARK: The end

    /// Milliseconds since the session opened.
    var nowMs: Int { self.services.clock.nowMs - self.openedAtMs }

    func end(code: Int) {
        guard !self.isOver else { return }
        self.reportVisits(code: code)
        self.release()
        if let persona = self.machine.persona, self.services.greetings.isKnown(self.identity.user, persona.id.rawValue)
        {
            self.services.greetings.remember(
                user: self.identity.user, persona: persona.id.rawValue, nowMs: self.services.clock.nowMs)
        }
        self.logEnd(code: code)
    }
    /// Closes and forgets whatever this session holds.
    func release() {
        self.isOver = true
        self.stopWaiting()
        self.resumption.revokeTokens(at: self.services.resumeDesk)
        self.newsAlarm?.cancel()
        for connection in self.connections.values { connection.close() }
        for alarm in self.alarms.values { alarm.cancel() }
        self.connections = [:]
        self.alarms = [:]
        self.paceAlarm?.cancel()
        self.lookup?.cancel()
        self.lookup = nil
        self.heldMessages = []
        self.decoding?.cancel()
        self.recordings = [:]
        self.feed = nil
        self.services.metrics.active.decrement()
    }
}
