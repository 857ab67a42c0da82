import ClientProtocol
import RealtimeProtocol

// What the machine decided is done here, and nowhere else.
extension VoiceSession {
    /// Performs what the machine decided; what follows from that is decided in turn.
    func perform(_ actions: [SessionAction]) {
        for action in actions where !self.isOver { self.perform(action) }
        self.visits.observe(self.machine.persona?.id.rawValue, turns: self.figures.turns, nowMs: self.nowMs)
        self.closeIfDrained()
    }

    func perform(_ action: SessionAction) {
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

    func start(_ timer: SessionTimer, _ delay: Duration) {
        self.alarms.removeValue(forKey: timer)?.cancel()
        self.alarms[timer] = self.services.clock.schedule(after: delay, on: self.executor) { [weak self] in
            self?.assumeIsolated { session in
                guard !session.isOver, session.alarms.removeValue(forKey: timer) != nil else { return }
                session.perform(session.machine.timerFired(timer, now: session.nowMs))
            }
        }
    }
}
