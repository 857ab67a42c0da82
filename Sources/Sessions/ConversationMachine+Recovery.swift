import ClientProtocol
import RealtimeProtocol

// What a line that is lost had under way, and how it goes on.
extension ConversationMachine {
    /// Ends the reply that the broken line was giving; its turn goes back to the head of the queue, once.
    mutating func cutOff(now: Int) -> [SessionAction] {
        var actions: [SessionAction] = [.stop(.firstOutput)]
        let turn: QueuedTurn?
        switch self.reply {
        case .none, .ending:
            turn = nil
            if self.bargeIn != nil { actions += self.endBargeIn() + self.silence(now: now) }
        case .requested(let queued, isCancelled: false): turn = queued
        case .requested(let queued, isCancelled: true):
            turn = nil
            actions += self.finished(queued)
        case .running(let reply):
            turn = reply.turn
            self.remember(reply, heardMs: self.playback.heardMs(now: now))
            actions += self.endBargeIn() + [.endReply(.failed)] + self.silence(now: now)
        }
        self.reply = .none
        self.sending = nil
        if let turn { actions += self.askAgain(turn) }
        return actions + self.recallSpeech()
    }

    private mutating func silence(now: Int) -> [SessionAction] {
        let heardMs = self.playback.heardMs(now: now)
        self.generation += 1
        self.playback.stop()
        return [.clearAudio(generation: self.generation, heardMs: heardMs)] + self.endProtection()
    }

    private mutating func askAgain(_ turn: QueuedTurn) -> [SessionAction] {
        guard !turn.wasRetried else {
            return self.finished(turn) + self.complain(.upstreamUnavailable, "the model could not answer, try again")
        }
        var again = turn
        again.wasRetried = true
        self.queue.insert(again, at: 0)
        switch turn.turn {
        case .typed(let text): self.recap.takeBack(typed: text)
        case .recording: self.recap.takeBack(self.recordingItem)
        case .live, .greeting, .nudge: break
        }
        return []
    }

    /// Live turns were items of the line that is left alone: the next one is told them as one recording.
    mutating func recallSpeech() -> [SessionAction] {
        let itemIDs = self.queue.compactMap(\.turn.liveItemID)
        guard let first = self.queue.firstIndex(where: { $0.turn.liveItemID != nil }) else { return [] }
        self.recalls += 1
        let id = TurnID(number: -self.recalls)
        var turn = self.queue[first]
        turn.turn = .recording(id)
        self.queue.removeAll { $0.turn.liveItemID != nil }
        self.queue.insert(turn, at: first)
        for itemID in itemIDs { self.recap.takeBack(itemID) }
        return [.recallSpeech(itemIDs: itemIDs, as: id)]
    }

    /// Somebody speaks to a persona whose line was lost for good.
    mutating func voiceHeard(now: Int) -> [SessionAction] {
        guard let dormant = self.dormant, let wakesAtMs = dormant.wakesAtMs, now >= wakesAtMs, self.candidate == nil
        else { return [] }
        self.lostAtMs = now
        return [.downstream(.state(.reconnecting))] + self.dial(dormant.persona, dormant.opening) + self.microphone()
    }

    /// A voice may bring the persona back.
    var awaitsVoice: Bool { self.candidate == nil && self.dormant?.wakesAtMs != nil }
}
