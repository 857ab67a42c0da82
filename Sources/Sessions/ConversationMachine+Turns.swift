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
            self.isUserSpeaking = false
            // A model that listens would take the recording for live speech and cut it where somebody breathes.
            return self.listening(false, on: line)
                + [.sendRecording(line.id, id), .downstream(.state(.thinking))] + self.microphone()
        case .typed(let text):
            self.queue.removeFirst()
            self.recap.add(.user, text)
            return [.upstream(line.id, .createItem(.userText(id: nil, text)))]
                + self.request(next, on: line, ResponseRequest())
        case .live:
            self.queue.removeFirst()
            return self.request(next, on: line, ResponseRequest())
        case .nudge(let language):
            self.queue.removeFirst()
            return self.request(
                next, on: line,
                ResponseRequest(instructions: Self.nudgeInstructions(language), metadata: ["kind": "nudge"]))
        case .greeting(let text):
            self.queue.removeFirst()
            return self.speakExactly(text, next, on: line)
        }
    }

    /// Who ends the turns on a line that hears a live microphone: the model, or for a moment nobody.
    func listening(_ isListening: Bool, on line: Line) -> [SessionAction] {
        guard line.isListening else { return [] }
        let detection = isListening ? line.persona.liveTurnDetection : .manual
        return [.upstream(line.id, .sessionUpdate(SessionUpdate(turnDetection: detection)))]
    }

    mutating func request(_ turn: QueuedTurn, on line: Line, _ request: ResponseRequest) -> [SessionAction] {
        self.reply = .requested(turn, isCancelled: false)
        self.asks += 1
        var request = request
        request.eventID = self.requestID
        if self.isTextOnly { request.outputModalities = ["text"] }
        return [
            .upstream(line.id, .createResponse(request)), .downstream(.state(.thinking)),
            .start(.firstOutput, self.limits.firstOutput),
        ] + self.microphone()
    }

    /// Realtime models have no primitive that speaks a text word for word; where one has, it is used. Otherwise one isolated
    /// response says it: an assistant item that is put into the history is not spoken but continued.
    mutating func speakExactly(_ text: String, _ turn: QueuedTurn, on line: Line) -> [SessionAction] {
        guard line.capabilities.speaksVerbatim, !self.isTextOnly else {
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
        var actions = self.endBargeIn()
        switch self.reply {
        case .none, .ending:
            guard wasPlaying else { return actions }
            self.recap.cut(self.lastResponse, heardMs: heardMs)
            if let spoken = self.spoken, spoken.firstItemID == item {
                actions += self.forget(spoken, heardMs, on: line)
            }
        case .requested(_, true): return actions
        case .requested(let turn, false):
            self.reply = .requested(turn, isCancelled: true)
            actions += [.stop(.firstOutput), .start(.cancellation, self.limits.cancellation)]
        case .running(let reply):
            self.reply = .ending(responseID: reply.responseID)
            self.remember(reply, heardMs: heardMs)
            actions += [.stop(.firstOutput), .start(.cancellation, self.limits.cancellation)]
            actions += [.upstream(line.id, .cancelResponse(responseID: reply.responseID))]
            actions += self.forget(reply.parts, item == reply.parts.firstItemID ? heardMs : 0, on: line)
            actions.append(.endReply(.interrupted))
            if let turn = reply.turn { actions += self.finished(turn) }
        }
        self.generation += 1
        self.playback.stop()
        actions += self.endProtection()
        return actions + [.clearAudio(generation: self.generation, heardMs: heardMs), .count(.bargeIn)]
    }

    /// Cuts items at what was heard. The model keeps no zero-length items: what nobody heard is deleted.
    private func forget(_ spoken: SpokenParts, _ heardMs: Int, on line: Line) -> [SessionAction] {
        spoken.cuts(atMs: heardMs).map { cut in
            switch cut {
            case .truncate(let itemID, let contentIndex, let atMs) where line.capabilities.truncates:
                .upstream(line.id, .truncateItem(itemID: itemID, contentIndex: contentIndex, audioEndMs: atMs))
            case .truncate(let itemID, _, _), .delete(let itemID):
                .upstream(line.id, .deleteItem(itemID: itemID))
            }
        }
    }

    mutating func dropQueue() -> [SessionAction] {
        let actions = self.queue.flatMap { self.finished($0) }
        self.queue = []
        self.sending = nil
        return actions
    }

    func finished(_ turn: QueuedTurn) -> [SessionAction] {
        switch turn.turn {
        case .recording(let id): [.discard(id)]
        case .live(let itemID): [.forgetSpeech(itemID: itemID)]
        case .greeting, .typed, .nudge: []
        }
    }

    /// The cancelled response, if there is one, is not waited for any more.
    mutating func endCancelled() -> [SessionAction] {
        switch self.reply {
        case .none, .running, .requested(_, isCancelled: false): return []
        case .ending:
            self.reply = .none
            return []
        case .requested(let turn, isCancelled: true):
            self.reply = .none
            return self.finished(turn)
        }
    }

    /// Of a reply that ends early the model of the next line is told what was heard.
    mutating func remember(_ reply: Reply, heardMs: Int) {
        guard reply.hasBegun else { return }
        self.recap.add(.assistant, reply.words, id: reply.responseID, spokenMs: reply.receivedMs)
        self.recap.cut(reply.responseID, heardMs: heardMs)
    }

    /// The model is done with a reply.
    ///
    /// - Parameter milliseconds: of it that have not been heard yet.
    mutating func replyPlays(for milliseconds: Int) -> [SessionAction] {
        let patience = self.awaitUser(remainingMs: milliseconds)
        guard self.isReplyProtected else { return patience }
        return patience + [.start(.replyHeard, .milliseconds(milliseconds))]
    }

    mutating func endProtection() -> [SessionAction] {
        guard self.isReplyProtected else { return [] }
        self.isReplyProtected = false
        return [.stop(.replyHeard)] + self.microphone()
    }

    /// Whether a live microphone is closed over a reply: nobody talks into a greeting, and without echo cancellation the
    /// microphone would hear the persona itself.
    func protects(_ kind: ReplyHeader.Kind) -> Bool {
        self.isStreaming && (kind == .greeting || !self.hasEchoCancellation)
    }

    /// Nobody listens for a moment, but somebody will.
    private var keepsSpeech: Bool {
        self.candidate?.opening.continues == true || self.sending != nil
            || (self.candidate == nil && self.dormant?.wakesAtMs != nil)
    }

    /// The microphone is open while the line can listen and nothing protected is being said or heard.
    func microphone() -> [SessionAction] {
        guard self.isStreaming else { return [] }
        let isProtected =
            switch self.reply {
            case .requested(let turn, _): turn.turn.kind == .greeting
            case .running(let reply): self.protects(reply.kind)
            case .none, .ending: false
            }
        let isClosed = isProtected || self.isReplyProtected || self.sending?.isRecalled == false || self.isMuted
        if !isClosed, self.keepsSpeech { return [.holdMicrophone] }
        let isReady = self.line?.phase == .ready && self.candidate == nil
        return [.openMicrophone(isReady && !isClosed)]
    }
}
