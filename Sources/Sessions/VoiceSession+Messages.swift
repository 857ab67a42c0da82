import Audio
import ClientProtocol
import JSON
import Personas

// What the user says, message by message.
extension VoiceSession {
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

    func greetClient(_ hello: Hello) {
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

    func choose(_ request: PersonaRequest) {
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

    func take(_ utterance: Utterance) {
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

    func turnEnded(_ id: String? = nil) {
        self.timing.ended(id, now: self.nowMs)
        self.figures.turns += 1
    }
}
