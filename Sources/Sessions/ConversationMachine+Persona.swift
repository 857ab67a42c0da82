import ClientProtocol
import Personas
import RealtimeProtocol

// Choosing a persona: the old one speaks until the new one is ready.
extension ConversationMachine {
    /// A persona was chosen, the first one or another.
    mutating func choose(_ persona: CompiledPersona, _ request: PersonaRequest, greets: Bool, now: Int)
        -> [SessionAction]
    {
        if let known = self.alreadyChosen(persona, request) { return known }
        var actions = self.interrupt(now: now) + self.dropQueue()
        if let candidate = self.candidate { actions += self.abandon(candidate) }
        if self.line != nil { actions += [.count(.personaSwitch), .downstream(.state(.switching))] }
        let recap = request.history == .carry ? self.recap.forAnotherPersona : nil
        return actions
            + self.dial(
                persona,
                Line.Opening(
                    greets: greets && request.greets, switchID: request.switchID, recap: recap, acknowledges: true))
    }

    /// A client that names the same persona twice (in the query and again in `config`, or after it reconnected) goes on with
    /// it; `history: "fresh"` begins anew.
    mutating func alreadyChosen(_ persona: CompiledPersona, _ request: PersonaRequest) -> [SessionAction]? {
        guard request.history != .fresh else { return nil }
        if self.candidate?.persona == persona, self.candidate?.opening.acknowledges == true {
            self.candidate?.opening.switchID = request.switchID
            return []
        }
        guard self.candidate == nil, let line = self.line, line.persona == persona else { return nil }
        return self.acknowledge(line, request.switchID)
    }

    mutating func dial(
        _ persona: CompiledPersona, _ opening: Line.Opening, attempt: Int = 1
    ) -> [SessionAction] {
        self.lastLine += 1
        var candidate = Line(id: LineID(number: self.lastLine), persona: persona, opening: opening)
        candidate.attempt = attempt
        candidate.isListening = self.isStreaming
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

    /// The candidate is configured: it takes over, and only now the old line goes.
    mutating func takeOver(_ line: Line) -> [SessionAction] {
        var actions: [SessionAction] = [.stop(.setUp(line.id))]
        if let old = self.line { actions.append(.disconnect(old.id)) }
        self.line = line
        self.candidate = nil
        self.dormant = nil
        self.reply = .none
        self.sending = nil
        if line.opening.acknowledges {
            self.recap = Recap()
            actions += self.acknowledge(line, line.opening.switchID)
        }
        if let recap = line.opening.recap {
            actions.append(.upstream(line.id, .createItem(.systemText(id: nil, recap))))
        }
        if line.opening.greets, let greeting = line.persona.greeting {
            self.queue.insert(QueuedTurn(turn: .greeting(greeting), isReady: true), at: 0)
            actions.append(.rememberGreeting(personaID: line.persona.id.rawValue))
        }
        return actions + self.advance()
    }
}
