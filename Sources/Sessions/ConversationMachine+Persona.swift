import ClientProtocol
import Personas
import RealtimeProtocol

// Choosing a persona: the old one speaks until the new one is ready.
extension ConversationMachine {
    /// A persona was chosen, the first one or another.
    ///
    /// - Parameters:
    ///   - greets: false where the user heard the greeting a moment ago.
    ///   - isGreetingCached: its audio is at hand.
    mutating func choose(
        _ persona: CompiledPersona, _ request: PersonaRequest, greets: Bool, isGreetingCached: Bool = false, now: Int
    ) -> [SessionAction] {
        if let known = self.alreadyChosen(persona, request) { return known }
        var actions = self.interrupt(now: now) + self.dropQueue()
        if let candidate = self.candidate { actions += self.abandon(candidate) }
        if self.line != nil { actions += [.count(.personaSwitch), .downstream(.state(.switching))] }
        self.commitWaits = false
        let recap = request.history == .carry ? self.recap.forAnotherPersona : nil
        return actions
            + self.dial(
                persona,
                Line.Opening(
                    greets: greets && request.greets, isGreetingCached: isGreetingCached, switchID: request.switchID,
                    recap: recap, acknowledges: true)) + self.microphone()
    }

    /// A client that names the same persona twice (in the query and again in `config`, or after it reconnected) goes on with
    /// it; `history: "fresh"` begins anew.
    mutating func alreadyChosen(_ persona: CompiledPersona, _ request: PersonaRequest) -> [SessionAction]? {
        guard request.history != .fresh else { return nil }
        if self.candidate?.persona == persona, self.candidate?.opening.acknowledges == true {
            self.candidate?.opening.switchID = request.switchID
            return []
        }
        // A line that is replaced, or that replaces another: the conversation with the persona goes on anyhow.
        let present = self.candidate ?? self.line
        guard let present, present.persona == persona else { return nil }
        return self.acknowledge(present, request.switchID)
    }

    mutating func dial(
        _ persona: CompiledPersona, _ opening: Line.Opening, attempt: Int = 1
    ) -> [SessionAction] {
        self.lastLine += 1
        var candidate = Line(id: LineID(number: self.lastLine), persona: persona, opening: opening)
        candidate.attempt = attempt
        self.candidate = candidate
        return [.connect(candidate.id), .start(.setUp(candidate.id), self.limits.setUp)]
    }

    mutating func abandon(_ line: Line) -> [SessionAction] {
        if self.candidate?.id == line.id { self.candidate = nil }
        return [.stop(.setUp(line.id)), .stop(.retry), .disconnect(line.id)]
    }

    func acknowledge(_ line: Line, _ switchID: String?) -> [SessionAction] {
        [.downstream(.configAck(line.persona.card, switchID: switchID))]
    }

    /// The greeting is heard at once. The model is told of it in a system item: assistant items that it did not speak make
    /// some models answer in text from then on.
    private mutating func playCachedGreeting(_ text: String, on line: Line) -> [SessionAction] {
        let item = "greeting_\(line.id.number)"
        let header = ReplyHeader(
            responseID: item, itemID: item, generation: self.generation, kind: .greeting, isCached: true)
        self.lastResponse = item
        self.isReplyProtected = self.isStreaming
        self.recap.add(.assistant, text)
        return [
            .upstream(line.id, .createItem(.systemText(id: nil, "You have just greeted the caller with: \(text)"))),
            .beginReply(header, isTyped: false), .downstream(.state(.speaking)),
            .playCachedGreeting(line.persona.greetingHash),
            .endReply(.done),
            .downstream(.transcript(Transcript(role: .assistant, itemID: item, text: text, isFinal: true))),
            .downstream(.textResponse(text, responseID: item)),
        ]
    }

    /// The candidate is configured: it takes over, and only now the old line goes.
    mutating func takeOver(_ line: Line) -> [SessionAction] {
        var actions: [SessionAction] = [.stop(.setUp(line.id))]
        if let old = self.line { actions.append(.disconnect(old.id)) }
        actions += self.planRotation(from: self.line, to: line)
        self.isUserSpeaking = false
        self.line = line
        self.candidate = nil
        self.dormant = nil
        actions += self.endCancelled()
        self.reply = .none
        self.sending = nil
        self.recordingCommits = 0
        self.recordingItem = nil
        // The items of the old line are not the new one's.
        self.spoken = nil
        if line.opening.acknowledges {
            self.recap = Recap()
            actions += self.acknowledge(line, line.opening.switchID)
        }
        if let recap = line.opening.recap {
            actions.append(.upstream(line.id, .createItem(.systemText(id: nil, recap))))
        }
        if line.opening.greets, let greeting = line.persona.greeting {
            actions.append(.rememberGreeting(personaID: line.persona.id.rawValue))
            if line.opening.isGreetingCached, !self.isTextOnly {
                actions += self.playCachedGreeting(greeting, on: line)
            } else {
                self.queue.insert(QueuedTurn(turn: .greeting(greeting), isReady: true), at: 0)
            }
        }
        let wasLost = self.lostAtMs != nil
        self.lostAtMs = nil
        actions += self.recallSpeech() + self.listenIfStreaming() + self.advance() + self.commitKept()
        return wasLost && self.isQuiet ? actions + [.downstream(.state(.idle))] : actions
    }

    /// The microphone went live after the line was told who ends the turns.
    private mutating func listenIfStreaming() -> [SessionAction] {
        guard self.isStreaming, var line = self.line, !line.isListening else { return [] }
        line.isListening = true
        self.line = line
        return self.listening(true, on: line)
    }
}
