import ClientProtocol
import Personas
import RealtimeProtocol

// Whose turn it is: the one place that asks for responses and ends them.
extension ConversationMachine {
    /// Asks for the next answer, if the line is free and something waits.
    mutating func advance() -> [SessionAction] {
        if let dormant = self.dormant, self.candidate == nil, self.line == nil, self.queue.first?.isReady == true {
            return self.dial(dormant.persona, dormant.opening)
        }
        guard let line = self.line, line.phase == .ready, self.candidate == nil, self.reply.isIdle, self.sending == nil,
            let next = self.queue.first, next.isReady
        else { return self.microphone() }
        switch next.turn {
        case .recording(let id):
            self.sending = id
            return [.sendRecording(line.id, id), .downstream(.state(.thinking))] + self.microphone()
        case .typed(let text):
            self.queue.removeFirst()
            self.recap.add(.user, text)
            return [.upstream(line.id, .createItem(.userText(id: nil, text)))]
                + self.request(next, on: line, ResponseRequest())
        case .greeting(let text):
            self.queue.removeFirst()
            return self.speakExactly(text, next, on: line)
        }
    }

    mutating func request(_ turn: QueuedTurn, on line: Line, _ request: ResponseRequest) -> [SessionAction] {
        self.reply = .requested(turn, isCancelled: false)
        return [
            .upstream(line.id, .createResponse(request)), .downstream(.state(.thinking)),
            .start(.firstOutput, self.limits.firstOutput),
        ] + self.microphone()
    }

    /// Realtime models have no primitive that speaks a text word for word; where one has, it is used. Otherwise one isolated
    /// response says it: an assistant item that is put into the history is not spoken but continued.
    mutating func speakExactly(_ text: String, _ turn: QueuedTurn, on line: Line) -> [SessionAction] {
        guard line.capabilities.speaksVerbatim else {
            let request = ResponseRequest(
                instructions: Self.exactInstructions(text, language: line.persona.language), isolated: true,
                allowsTools: false, metadata: ["kind": "greeting"])
            return self.request(turn, on: line, request)
        }
        self.reply = .requested(turn, isCancelled: false)
        return [
            .upstream(line.id, .createItem(.forceMessage(id: nil, text))),
            .start(.firstOutput, self.limits.firstOutput),
        ] + self.microphone()
    }

    private static func exactInstructions(_ text: String, language: String) -> String {
        """
        The call has just connected. Say exactly the line below, in the language with the code \(language), once, warmly, \
        adding nothing before or after, then stop.
        "\(text)"
        """
    }

    /// Ends what is being said or played: the model stops, forgets what was not heard, and the client drops the rest.
    mutating func interrupt(now: Int) -> [SessionAction] {
        let heardMs = self.playback.heardMs(now: now)
        let item = self.playback.itemID
        let wasPlaying = self.playback.isPlaying(now: now)
        guard let line = self.line else { return [] }
        var actions: [SessionAction] = []
        switch self.reply {
        case .none, .ending:
            guard wasPlaying else { return [] }
            if item != self.cachedGreetingItem { actions += self.forget(item, heardMs, on: line) }
        case .requested(_, true): return []
        case .requested(let turn, false):
            self.reply = .requested(turn, isCancelled: true)
            actions += [.stop(.firstOutput), .start(.cancellation, self.limits.cancellation)]
        case .running(let reply):
            self.reply = .ending(responseID: reply.responseID)
            actions += [.stop(.firstOutput), .start(.cancellation, self.limits.cancellation)]
            actions += [.upstream(line.id, .cancelResponse(responseID: reply.responseID))]
            actions += self.forget(reply.itemID, item == reply.itemID ? heardMs : 0, on: line)
            actions.append(.endReply(.interrupted))
            if let turn = reply.turn { actions += self.finished(turn) }
        }
        self.generation += 1
        self.playback.stop()
        actions += self.endGreetingProtection()
        return actions + [.clearAudio(generation: self.generation, heardMs: heardMs), .count(.bargeIn)]
    }

    /// Cuts an item at what was heard. The model keeps no zero-length items: what nobody heard is deleted.
    func forget(_ itemID: String?, _ heardMs: Int, on line: Line) -> [SessionAction] {
        guard let itemID else { return [] }
        guard heardMs > 0, line.capabilities.truncates else { return [.upstream(line.id, .deleteItem(itemID: itemID))] }
        return [.upstream(line.id, .truncateItem(itemID: itemID, contentIndex: 0, audioEndMs: heardMs))]
    }

    mutating func dropQueue() -> [SessionAction] {
        let recordings = self.queue.compactMap { if case .recording(let id) = $0.turn { id } else { nil } }
        self.queue = []
        self.sending = nil
        return recordings.map { .discard($0) }
    }

    func finished(_ turn: QueuedTurn) -> [SessionAction] {
        if case .recording(let id) = turn.turn { [.discard(id)] } else { [] }
    }

    /// - Parameter milliseconds: of the greeting that have not been heard yet.
    mutating func greetingPlays(for milliseconds: Int) -> [SessionAction] {
        guard self.isGreetingProtected else { return [] }
        return [.start(.greetingHeard, .milliseconds(milliseconds))]
    }

    mutating func endGreetingProtection() -> [SessionAction] {
        guard self.isGreetingProtected else { return [] }
        self.isGreetingProtected = false
        return [.stop(.greetingHeard)] + self.microphone()
    }

    /// The microphone is open while the line can listen and nobody says, or hears, a greeting.
    func microphone() -> [SessionAction] {
        guard self.isStreaming else { return [] }
        let isGreeting =
            switch self.reply {
            case .requested(let turn, _): turn.turn.kind == .greeting
            case .running(let reply): reply.kind == .greeting
            case .none, .ending: false
            }
        let isReady = self.line?.phase == .ready && self.candidate == nil
        return [.openMicrophone(isReady && !isGreeting && !self.isGreetingProtected)]
    }
}
