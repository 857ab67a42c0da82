import ClientProtocol
import Personas
import RealtimeProtocol

// What the user says.
extension ConversationMachine {
    /// A recording came in; it interrupts whatever is being said.
    mutating func recordingReceived(_ id: TurnID, now: Int) -> [SessionAction] {
        guard self.hasPersona else {
            return [.discard(id)] + self.complain(.badMessage, "choose a persona first: send config")
        }
        guard self.queue.count < self.limits.maxQueuedTurns else {
            return [.discard(id)]
                + self.complain(
                    .rateLimited, "\(self.limits.maxQueuedTurns) turns are waiting for their answers already")
        }
        let interruption = self.userWasActive() + self.interrupt(now: now)
        self.queue.append(QueuedTurn(turn: .recording(id), isReady: false))
        return interruption + [.decode(id)]
    }

    mutating func recordingDecoded(_ id: TurnID) -> [SessionAction] {
        guard let index = self.queue.firstIndex(where: { $0.turn == .recording(id) }) else { return [.discard(id)] }
        self.queue[index].isReady = true
        return self.advance()
    }

    mutating func recordingFailed(_ id: TurnID, _ code: ErrorCode, _ message: String) -> [SessionAction] {
        self.queue.removeAll { $0.turn == .recording(id) }
        return [.discard(id)] + self.complain(code, message) + self.advance()
    }

    /// All of a recording has been given to the model.
    mutating func recordingSent(_ id: TurnID) -> [SessionAction] {
        guard self.sending == id, let line = self.line, let queued = self.queue.first, queued.turn == .recording(id)
        else {
            return []
        }
        self.sending = nil
        self.queue.removeFirst()
        self.recordingCommits += 1
        self.recordingItem = nil
        return [.upstream(line.id, .commitInputAudio)] + self.listening(true, on: line)
            + self.request(queued, on: line, ResponseRequest())
    }

    mutating func textReceived(_ text: String, now: Int) -> [SessionAction] {
        guard self.hasPersona else { return self.complain(.badMessage, "choose a persona first: send config") }
        guard self.queue.count < self.limits.maxQueuedTurns else {
            return self.complain(
                .rateLimited, "\(self.limits.maxQueuedTurns) turns are waiting for their answers already")
        }
        let interruption = self.userWasActive() + self.interrupt(now: now)
        self.queue.append(QueuedTurn(turn: .typed(text), isReady: true))
        return interruption + self.advance()
    }

    /// The first piece of a live microphone, or its announcement: from now on the model ends the user's turns.
    ///
    /// - Parameters:
    ///   - canPause: the client can hold its audio for a moment.
    ///   - hasEchoCancellation: its microphone does not hear its loudspeaker.
    mutating func streamingBegan(canPause: Bool = false, hasEchoCancellation: Bool = true) -> [SessionAction] {
        guard !self.isStreaming else { return [] }
        self.isStreaming = true
        self.canPause = canPause
        self.hasEchoCancellation = hasEchoCancellation
        guard var line = self.line, line.phase == .ready else { return [] }
        line.isListening = true
        self.line = line
        return [.upstream(line.id, .sessionUpdate(SessionUpdate(turnDetection: line.persona.liveTurnDetection)))]
            + self.microphone()
    }

    /// The client wants silence.
    mutating func cancelReceived(now: Int) -> [SessionAction] {
        self.interrupt(now: now) + self.advance()
    }

    /// The client ends the user's live turn by itself.
    mutating func commitReceived() -> [SessionAction] {
        guard self.isStreaming else { return [] }
        if self.candidate?.opening.continues == true {
            self.commitWaits = true
            return []
        }
        guard let line = self.line, line.phase == .ready, self.reply.isIdle else { return [] }
        return [.upstream(line.id, .commitInputAudio)]
    }

    func complain(_ code: ErrorCode, _ message: String) -> [SessionAction] {
        [.count(.error(code)), .downstream(.error(code, message: message, isFatal: false, retryAfterMs: nil))]
    }
}
