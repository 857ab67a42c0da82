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
    private var alarms: [SessionTimer: any SessionAlarm] = [:]
    var recordings: [TurnID: Recording] = [:]
    var decodeQueue: [TurnID] = []
    var decoding: Task<Void, Never>?
    var feed: RecordingFeed?
    var delivery: ReplyDelivery
    private var paceAlarm: (any SessionAlarm)?
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
    private(set) var isOver = false
    private(set) var isDraining = false
    /// How its client finds this session again.
    var resumption = ResumptionState()
    /// The conversation that this session's client went on with instead.
    var continuation: Continuation?
    private var isReadingPaused = false
    /// Audio waits while it is found out whether the user interrupts.
    private(set) var isAudioHeld = false
    /// Voice heard since then.
    var voicedMs = 0
    private var sequence = 0
    var newsAlarm: (any SessionAlarm)?
    private var badMessages = 0
    private var turnIDs = RecentIDs(capacity: 16)
    private var lastTurn = 0
    private var timing = TurnTiming()
    /// The greeting that is being spoken, until it is known whether it may be kept.
    private var greetingAudio: [UInt8]?
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

    // MARK: Messages

    func handle(_ message: ClientMessage) {
        switch message {
        case .audioChunk(let bytes): bytes.withUnsafeBytes { self.hear($0) }
        case .audio(let utterance): self.take(utterance)
        case .text(let text):
            self.chooseDefaultPersona()
            self.pass(on: Transcript(role: .user, itemID: "", text: text, isFinal: true))
            self.turnEnded()
            self.perform(self.machine.textReceived(text, now: self.nowMs))
        case .config(let request): self.choose(request)
        case .hello(let hello): self.greetClient(hello)
        case .commit(let turnID):
            self.turnEnded(turnID)
            self.perform(self.machine.commitReceived())
        case .cancel: self.perform(self.machine.cancelReceived(now: self.nowMs))
        case .played(let responseID, let ms):
            self.machine.playedReported(ms, of: responseID)
            self.deliver()
        case .bargeIn(let isMeant):
            let now = self.nowMs
            self.perform(isMeant ? self.machine.bargeInConfirmed(now: now) : self.machine.bargeInRejected(now: now))
        case .markAck(let name, let isCleared):
            // Of what it dropped a client has heard as much as it said.
            if !isCleared { self.machine.playedReported(.max, of: name) }
            self.deliver()
        case .state(let state): self.perform(self.machine.clientChanged(state))
        case .ping(let t): self.send(.pong(t: t, serverMs: self.nowMs))
        case .bye:
            self.downstream.close(.done, reason: "bye")
            self.end(code: CloseCode.done.rawValue)
        case .other: break
        }
    }

    private func greetClient(_ hello: Hello) {
        guard !self.isStreaming else { return self.tell(.badMessage, "hello was sent already") }
        if let resume = hello.resume, self.goOn(with: resume, hello) { return }
        do throws(AudioError) {
            try self.agree(hello)
        } catch {
            return self.tell(ErrorCode(error), error.message)
        }
        self.isStreaming = true
        self.welcome(hello, hello.resume == nil ? .new : .expired)
        self.perform(
            self.machine.streamingBegan(
                canPause: self.features.contains(.pause), hasEchoCancellation: hello.cancelsEcho))
    }

    private func choose(_ request: PersonaRequest) {
        switch self.services.personas(request.id, request.mode) {
        case .success(let persona): self.begin(persona, request)
        case .failure(let refusal):
            if refusal.code == .personaNotFound, let find = self.services.storedPersonas {
                self.lookUp(request, find)
            } else {
                self.tell(refusal.code, refusal.message)
            }
        }
    }

    func begin(_ authored: CompiledPersona, _ request: PersonaRequest) {
        let (persona, warnings) = authored.adapted(to: request)
        for warning in warnings { self.send(.warning(code: "config", message: warning)) }
        let wasGreeted = self.services.greetings.isRecent(
            user: self.identity.user, persona: persona.id.rawValue, nowMs: self.services.clock.nowMs)
        // Within a session a switch back greets again; only a reconnect does not.
        let greets = !(wasGreeted && self.machine.persona == nil)
        let isCached = greets && self.services.greetingCache?.audio(for: self.greetingKey(persona.greetingHash)) != nil
        self.perform(
            self.machine.choose(
                persona, request, greets: greets, isGreetingCached: isCached, now: self.nowMs))
    }

    /// Some web pages never choose: whoever the operator named answers them, without a greeting.
    func chooseDefaultPersona() {
        guard self.identity.style == .web, !self.machine.hasPersona, let persona = self.services.defaultPersona else {
            return
        }
        self.choose(PersonaRequest(id: persona, greets: false))
    }

    private func take(_ utterance: Utterance) {
        if let id = utterance.turnID, !self.turnIDs.isNew(id) {
            return self.send(.warning(code: "duplicate_turn", message: "this turn was taken already"))
        }
        self.chooseDefaultPersona()
        self.turnEnded(utterance.turnID)
        self.lastTurn += 1
        let id = TurnID(number: self.lastTurn)
        self.recordings[id] = Recording(encoded: utterance)
        self.perform(self.machine.recordingReceived(id, now: self.nowMs))
    }

    private func turnEnded(_ id: String? = nil) {
        self.timing.ended(id, now: self.nowMs)
        self.figures.turns += 1
    }

    // MARK: The model's connections

    private func upstream(_ line: LineID, _ event: RealtimeConnectionEvent) {
        guard !self.isOver, let connection = self.connections[line] else { return }
        switch event {
        case .event(let event):
            // Only now it is known which model answers.
            self.meter(event, of: connection)
            if case .sessionCreated = event {
                self.machine.connected(
                    line, connection.capabilities, life: connection.remainingLife, jitter: .random(in: 0...1))
            }
            if case .speechStopped = event { self.turnEnded() }
            self.perform(self.machine.upstream(line, event, now: self.nowMs))
        case .drained:
            self.resumeReading()
            self.pumpSpeech()
            self.pump()
        case .failed(let failure), .closed(let failure):
            self.connections[line] = nil
            self.log.info("upstream ended", [.reason: .text(failure.message), .count: .integer(line.number)])
            self.resumeReading()
            self.perform(self.machine.lineFailed(line, failure, now: self.nowMs))
        }
    }

    private func connect(_ line: LineID) {
        let handler: @Sendable (RealtimeConnectionEvent) -> Void = { [weak self] event in
            self?.assumeIsolated { $0.upstream(line, event) }
        }
        let isEcho = self.machine.candidate?.id == line && self.machine.candidate?.persona.isEcho == true
        let connection: any RealtimeConnection =
            isEcho
            ? EchoConnection(executor: self.executor, handler: handler)
            : self.services.connector.connect(on: self.executor, handler: handler)
        self.connections[line] = connection
    }

    private func disconnect(_ line: LineID) {
        self.connections.removeValue(forKey: line)?.close()
        if self.feed?.line == line { self.feed = nil }
        self.resumeReading()
    }

    // MARK: Actions

    /// Performs what the machine decided; what follows from that is decided in turn.
    func perform(_ actions: [SessionAction]) {
        for action in actions where !self.isOver { self.perform(action) }
        self.visits.observe(self.machine.persona?.id.rawValue, turns: self.figures.turns, nowMs: self.nowMs)
        self.closeIfDrained()
    }

    private func perform(_ action: SessionAction) {
        switch action {
        case .connect(let line): self.connect(line)
        case .disconnect(let line): self.disconnect(line)
        case .upstream(let line, let event):
            if case .createResponse = event { self.timing.asked(now: self.nowMs) }
            self.connections[line]?.send(event)
        case .sendRecording(let line, let turn): self.sendRecording(turn, on: line)
        case .decode(let turn): self.decode(turn)
        case .discard(let turn): self.discard(turn)
        case .downstream(.state(let agent, _, _)):
            self.send(
                .state(agent, user: self.machine.userState, cause: self.machine.silenceCause(agent)))
        case .downstream(let message):
            if case .transcript(let words) = message { self.pass(on: words) }
            self.send(message)
        case .beginReply(let header, let isTyped): self.beginReply(header, isTyped)
        case .play(let audio):
            if self.greetingAudio != nil { self.greetingAudio?.append(contentsOf: audio) }
            self.delivery.add(audio)
            self.deliver()
        case .playCachedGreeting(let persona): self.playCachedGreeting(persona)
        case .keepGreeting(let persona):
            if let audio = self.greetingAudio {
                self.services.greetingCache?.store(audio, for: self.greetingKey(persona))
            }
            self.greetingAudio = nil
        case .endReply(let end):
            self.delivery.finish(end)
            self.deliver()
        case .holdAudio(let isHeld): self.hold(isHeld)
        case .clearAudio(let generation, let heardMs): self.clear(generation, heardMs)
        case .start(let timer, let delay): self.start(timer, delay)
        case .stop(let timer): self.alarms.removeValue(forKey: timer)?.cancel()
        case .openMicrophone(let isOpen): self.openMicrophone(isOpen)
        case .holdMicrophone: self.holdMicrophone()
        case .commitKept: self.commitKept()
        case .keepSpeech(let itemID): self.speech.keep(as: itemID)
        case .forgetSpeech(let itemID): self.speech.forget(itemID)
        case .recallSpeech(let itemIDs, let turn): self.recallSpeech(itemIDs, as: turn)
        case .rememberGreeting(let persona):
            self.services.greetings.remember(
                user: self.identity.user, persona: persona, nowMs: self.services.clock.nowMs)
        case .count(let event): self.services.metrics.count(event)
        }
    }

    private func start(_ timer: SessionTimer, _ delay: Duration) {
        self.alarms.removeValue(forKey: timer)?.cancel()
        self.alarms[timer] = self.services.clock.schedule(after: delay, on: self.executor) { [weak self] in
            self?.assumeIsolated { session in
                guard !session.isOver, session.alarms.removeValue(forKey: timer) != nil else { return }
                session.perform(session.machine.timerFired(timer, now: session.nowMs))
            }
        }
    }

    // MARK: Audio to the user

    private func beginReply(_ header: ReplyHeader, _ isTyped: Bool) {
        self.timing.answered(now: self.nowMs)
        self.greetingAudio = header.kind == .greeting && !header.isCached ? [] : nil
        let style: ReplyDelivery.Style =
            if self.isStreaming { .stream } else if self.identity.style == .web, !isTyped { .chunks } else { .wholeWAV }
        for outgoing in self.delivery.begin(header, style) { self.put(outgoing.message) }
    }

    private func playCachedGreeting(_ persona: String) {
        let key = self.greetingKey(persona)
        guard let audio = self.services.greetingCache?.audio(for: key) else { return }
        self.replies?.recall(key, from: self.services.encodedGreetings)
        self.delivery.add(audio)
        self.deliver()
        // PCM16 mono at 24 kHz: 48 bytes are a millisecond.
        self.perform(self.machine.replyPlays(for: audio.count / 48))
    }

    private func greetingKey(_ persona: String) -> GreetingCache.Key {
        GreetingCache.Key(persona: persona, model: self.services.modelName)
    }

    /// Sends the audio that may go out now, and comes back for the rest when the window opens.
    func deliver() {
        guard !self.isAudioHeld, self.resumption.isConnected else { return }
        self.delivery.heard(self.machine.playback.surelyHeardMs(now: self.nowMs))
        let item = self.delivery.header?.itemID
        for outgoing in self.delivery.take(windowMs: self.windowMs) {
            self.put(outgoing.message)
            guard outgoing.audioMs > 0, let item else { continue }
            self.machine.audioSent(outgoing.audioMs, of: item, now: self.nowMs)
            self.services.metrics.audioOut.increment(by: outgoing.audioMs)
            self.figures.usage.audioOutMs += outgoing.audioMs
            self.tellTiming()
        }
        guard self.delivery.isWaiting || self.delivery.isKept, self.paceAlarm == nil, !self.isOver else { return }
        // What is only kept is not urgent.
        let pause: Duration =
            self.delivery.isKept ? .seconds(1) : .milliseconds(self.services.limits.sendAheadMs / 4)
        self.paceAlarm = self.services.clock.schedule(after: pause, on: self.executor) { [weak self] in
            self?.assumeIsolated {
                $0.paceAlarm = nil
                $0.deliver()
            }
        }
    }

    private func tellTiming() {
        guard let metrics = self.timing.sent(now: self.nowMs) else { return }
        self.services.metrics.firstAudio.observe(.milliseconds(metrics.firstAudioMs))
        if self.features.contains(.metrics) { self.send(.metrics(metrics)) }
    }

    private var windowMs: Int {
        self.services.limits.sendAheadMs - self.machine.playback.aheadMs(now: self.nowMs)
    }

    private func hold(_ isHeld: Bool) {
        self.isAudioHeld = isHeld
        self.voicedMs = 0
        if !isHeld { self.deliver() }
    }

    private func clear(_ generation: Int, _ heardMs: Int) {
        self.delivery.finish(.interrupted)
        self.deliver()
        self.paceAlarm?.cancel()
        self.paceAlarm = nil
        self.send(.clear(generation: generation, heardMs: heardMs))
    }

    // MARK: Telling the user

    func tell(_ code: ErrorCode, _ message: String) {
        self.services.metrics.error(code).increment()
        self.send(.error(code, message: message, isFatal: false, retryAfterMs: nil))
    }

    func send(_ message: ServerMessage) {
        guard !self.isOver, self.isStreaming || message.isForLegacyClients else { return }
        var envelope: Envelope?
        if self.isStreaming {
            self.sequence += 1
            self.resumption.outbox?.record(self.sequence, message)
            envelope = Envelope(sequence: self.sequence, timestampMs: self.nowMs)
        }
        guard self.resumption.isConnected else { return }
        self.check(self.downstream.send(message.encoded(envelope)))
    }

    func check(_ outcome: SendOutcome) {
        guard outcome == .dropped, !self.isOver else { return }
        // Its queue is full of what it did not read: nothing that is said now would arrive.
        self.log.info("user reads too slowly", [.queueBytes: .integer(self.downstream.bufferedBytes)])
        self.services.metrics.error(.slowConsumer).increment()
        self.downstream.close(.idle, reason: ErrorCode.slowConsumer.rawValue)
        if self.wait(for: self.services.limits.resumeGrace) { return }
        self.end(code: CloseCode.idle.rawValue)
    }

    func pauseReading() {
        guard !self.isReadingPaused else { return }
        self.isReadingPaused = true
        self.downstream.pauseReading()
    }

    func resumeReading() {
        guard self.isReadingPaused else { return }
        self.isReadingPaused = false
        self.downstream.resumeReading()
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
