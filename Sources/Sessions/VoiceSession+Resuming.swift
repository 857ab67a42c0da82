import Audio
import ClientProtocol

// A connection that is lost is no end: its client finds the conversation again, with whatever it missed.
extension VoiceSession {
    /// What a client is told first.
    func welcome(_ hello: Hello, _ resumption: Welcome.Resumption) {
        var welcome = Welcome(
            sessionID: self.identity.id, features: self.features, input: hello.input, output: hello.output,
            maxMessageBytes: self.services.limits.maxMessageBytes, pingSeconds: self.services.limits.pingSeconds)
        welcome.resumption = resumption
        if resumption == .resumed { welcome.persona = self.machine.persona?.card }
        if let desk = self.services.resumeDesk {
            if resumption != .resumed { self.resumption.outbox = SessionOutbox() }
            self.resumption.issueToken(at: desk, for: self)
            welcome.resumeToken = self.resumption.tokens.last
            welcome.graceSeconds = Int(self.services.limits.resumeGrace / .seconds(1))
            self.delivery.keepsMs = self.services.limits.keptReplyMs
        }
        if hello.resume != nil { self.services.metrics.resumption(resumption).increment() }
        self.send(.welcome(welcome))
        self.scheduleNews()
    }

    /// Now and then the client is told how much was said, and gets a new token.
    private func scheduleNews() {
        self.newsAlarm?.cancel()
        self.newsAlarm = self.services.clock.schedule(after: self.services.limits.newsInterval, on: self.executor) {
            [weak self] in self?.assumeIsolated { $0.tellNews() }
        }
    }

    private func tellNews() {
        guard !self.isOver else { return }
        // Without a connection nobody would learn of it.
        if self.resumption.isConnected {
            if let desk = self.services.resumeDesk { self.resumption.issueToken(at: desk, for: self) }
            self.send(
                .session(
                    SessionNews(
                        resumeToken: self.resumption.tokens.last, audioInMs: self.figures.usage.audioInMs,
                        audioOutMs: self.figures.usage.audioOutMs)))
        }
        self.scheduleNews()
    }

    // MARK: The session that waits

    /// Keeps the conversation for a client that may come back.
    ///
    /// - Returns: false where that is not offered, or there is no room for another one that waits.
    func wait(for grace: Duration) -> Bool {
        guard let desk = self.services.resumeDesk, self.resumption.outbox != nil, !self.isDraining,
            self.resumption.isConnected, desk.beginWaiting()
        else { return false }
        self.resumption.disconnect()
        self.services.metrics.waiting.increment()
        self.machine.playback.pause(now: self.nowMs)
        self.log.info("session waits for its client", [.durationMs: .integer(Int(grace / .milliseconds(1)))])
        self.resumption.alarm = self.services.clock.schedule(after: grace, on: self.executor) { [weak self] in
            self?.assumeIsolated { $0.endWait() }
        }
        return true
    }

    private func endWait() {
        // A client that is on its way with a token gets its conversation.
        guard !self.isOver, self.resumption.revokeTokens(at: self.services.resumeDesk) else { return }
        self.end(code: CloseCode.goingAway.rawValue)
    }

    func stopWaiting() {
        self.resumption.alarm?.cancel()
        self.resumption.alarm = nil
        guard !self.resumption.isConnected else { return }
        self.services.resumeDesk?.endWaiting()
        self.services.metrics.waiting.decrement()
    }

    /// The gateway stops.
    nonisolated func giveUpWaiting() {
        self.executor.execute { [weak self] in
            self?.assumeIsolated { session in
                if !session.isOver, !session.resumption.isConnected { session.end(code: CloseCode.restart.rawValue) }
            }
        }
    }

    /// The client is back, on another connection.
    func resumed(
        by hello: Hello, _ resume: Hello.Resume, on downstream: any Downstream, _ connection: ConnectionNumber
    ) {
        guard !self.isOver else {
            return Self.turnAway(
                downstream, .restart, .resumeExpired, "the conversation has just ended; begin a new one")
        }
        if self.resumption.isConnected {
            self.send(
                .error(.superseded, message: "the conversation goes on elsewhere", isFatal: true, retryAfterMs: nil))
            self.downstream.close(.superseded, reason: ErrorCode.superseded.rawValue)
        }
        self.stopWaiting()
        self.downstream = downstream
        self.resumption.connect(connection)
        do throws(AudioError) {
            try self.agree(hello)
        } catch {
            return self.hangUp(.internalError, ErrorCode(error), error.message)
        }
        self.log.info("session resumed")
        self.catchUp(hello, resume)
    }

    /// Sends what the client missed, first in words, then what it did not hear.
    private func catchUp(_ hello: Hello, _ resume: Hello.Resume) {
        let missed = self.resumption.outbox?.take(after: resume.lastSequence)
        self.welcome(hello, .resumed)
        if missed == nil {
            self.send(.warning(code: "events_lost", message: "some events of the time without a connection are lost"))
        }
        for message in missed ?? [] { self.send(message) }
        self.perform([.downstream(.state(self.machine.agentState))])
        self.replay(resume.played)
        self.closeIfDrained()
    }

    private func replay(_ played: Hello.Played?) {
        guard let reply = self.delivery.header else { return self.machine.playbackEnded() }
        // Of another reply than this one nothing is known: then none of this one was heard.
        let heardMs: Int =
            if let played { played.responseID == reply.responseID ? played.ms : 0 } else {
                self.machine.playback.heardMs(now: self.nowMs)
            }
        guard let header = self.delivery.rewind(toMs: heardMs) else { return self.machine.playbackEnded() }
        self.machine.replayed(from: header.fromMs, of: header.itemID, now: self.nowMs)
        self.put(.audioStart(header))
        self.deliver()
    }

    /// Closes a connection that has no conversation.
    private static func turnAway(
        _ downstream: any Downstream, _ close: CloseCode, _ code: ErrorCode, _ message: String
    ) {
        downstream.send(ServerMessage.error(code, message: message, isFatal: true, retryAfterMs: nil).encoded())
        downstream.close(close, reason: code.rawValue)
    }

    // MARK: The session that the client came back to

    /// Goes on with another session's conversation in the place of an own one.
    ///
    /// - Returns: false where there is none of that token.
    func goOn(with resume: Hello.Resume, _ hello: Hello) -> Bool {
        guard let session = self.services.resumeDesk?.claim(resume.token, user: self.identity.user), session !== self
        else { return false }
        let connection = ConnectionNumber(of: self)
        let continuation = Continuation(session, connection: connection, from: self.executor)
        let isHere = session.executor === self.executor
        let downstream = isHere ? self.downstream : RemoteDownstream(self.downstream, on: self.executor)
        self.release()
        self.continuation = continuation
        self.log.info("client goes on with an earlier session")
        continuation.perform { $0.resumed(by: hello, resume, on: downstream, connection) }
        return true
    }

    /// Does something for the connection that this session was made for: here, or to the conversation that its client
    /// went on with. A connection that another has taken the place of has no say any more.
    func onConnection(_ work: @escaping @Sendable (isolated VoiceSession) -> Void) {
        guard let continuation = self.continuation else {
            guard !self.isOver, self.resumption.connection == nil else { return }
            return work(self)
        }
        let connection = continuation.connection
        continuation.perform { session in
            guard !session.isOver, session.resumption.connection == connection else { return }
            work(session)
        }
    }

    /// The same for a frame that is borrowed for the call.
    func onConnection(
        _ frame: UnsafeRawBufferPointer,
        _ take: @escaping @Sendable (isolated VoiceSession, UnsafeRawBufferPointer) -> Void
    ) {
        guard let continuation = self.continuation else {
            guard self.resumption.connection == nil else { return }
            return take(self, frame)
        }
        let connection = continuation.connection
        let isPassed = continuation.pass(frame) { session, frame in
            guard session.resumption.connection == connection else { return }
            take(session, frame)
        }
        guard !isPassed else { return }
        Self.turnAway(
            self.downstream, .overloaded, .internalError, "the conversation does not take what is said in time")
    }
}
