import ClientProtocol
import Personas
import RealtimeProtocol

// When the model goes away.
extension ConversationMachine {
    /// A line could not be opened, or broke.
    mutating func lineFailed(_ id: LineID, _ failure: UpstreamFailure, now: Int) -> [SessionAction] {
        if let candidate = self.candidate, candidate.id == id { return self.candidateFailed(candidate, failure) }
        guard let line = self.line, line.id == id else { return [] }
        return self.replace(line, failure)
    }

    mutating func timerFired(_ timer: SessionTimer, now: Int) -> [SessionAction] {
        switch timer {
        case .setUp(let id):
            guard self.candidate?.id == id else { return [] }
            return [.disconnect(id)]
                + self.lineFailed(
                    id, UpstreamFailure(.timeout, "the model did not accept the session in time"), now: now)
        case .firstOutput:
            guard let line = self.line else { return [] }
            return [.disconnect(line.id)]
                + self.lineFailed(
                    line.id, UpstreamFailure(.timeout, "the model did not begin its answer in time"), now: now)
        case .cancellation:
            // A model that never ends a cancelled response would keep the user waiting for ever.
            switch self.reply {
            case .ending, .requested(_, isCancelled: true): self.reply = .none
            case .none, .running, .requested(_, isCancelled: false): break
            }
            return self.advance()
        case .bargeIn: return self.bargeInRejected(now: now)
        case .rotation: return self.rotationDue(now: now)
        case .replyHeard:
            self.isReplyProtected = false
            return self.microphone()
        case .retry:
            guard let candidate = self.candidate else { return [] }
            return self.dial(candidate.persona, candidate.opening, attempt: candidate.attempt + 1)
        }
    }

    mutating func candidateFailed(_ candidate: Line, _ failure: UpstreamFailure) -> [SessionAction] {
        let stop = SessionAction.stop(.setUp(candidate.id))
        if self.isRotating { return [stop] + self.rotationFailed() }
        if failure.failureClass == .transient, candidate.attempt < self.limits.maxAttempts {
            return [stop, .start(.retry, self.limits.retryPause)]
        }
        self.candidate = nil
        guard self.line != nil, candidate.opening.acknowledges else {
            return [stop] + self.give(up: failure, candidate)
        }
        return [stop]
            + self.complain(.switchFailed, "the new persona could not be reached, \(self.persona?.name ?? "") stays")
            + [.downstream(.state(.idle))] + self.advance()
    }

    /// The line of the persona in force is gone: another takes its place, knows what was said, and answers the turn that was
    /// cut off.
    mutating func replace(_ line: Line, _ failure: UpstreamFailure) -> [SessionAction] {
        let isRotating = self.isRotating
        self.line = nil
        var actions = self.cutOff()
        // The line that was to replace it is on its way already.
        if isRotating { return actions + self.microphone() }
        guard failure.isRetriable, failure.failureClass != .timeout else {
            return actions + self.give(up: failure, line)
        }
        // A switch is under way: the old persona is not worth another line.
        guard self.candidate == nil else { return actions }
        actions += [.count(.reconnect), .downstream(.state(.reconnecting))]
        return actions
            + self.dial(
                line.persona,
                Line.Opening(greets: false, switchID: nil, recap: self.recap.afterReconnect, acknowledges: false))
            + self.microphone()
    }

    /// Ends the reply that the broken line was giving; its turn goes back to the head of the queue, once.
    mutating func cutOff() -> [SessionAction] {
        defer {
            self.reply = .none
            self.sending = nil
        }
        let turn: QueuedTurn?
        var actions: [SessionAction] = [.stop(.firstOutput)]
        switch self.reply {
        case .none, .ending: turn = nil
        case .requested(let queued, let isCancelled): turn = isCancelled ? nil : queued
        case .running(let reply):
            turn = reply.turn
            self.generation += 1
            self.playback.stop()
            actions += [.endReply(.failed), .clearAudio(generation: self.generation, heardMs: 0)]
        }
        guard var again = turn else { return actions }
        guard !again.wasRetried else { return actions + self.finished(again) }
        again.wasRetried = true
        self.queue.insert(again, at: 0)
        return actions
    }

    /// There is no model for the persona now: what waits is told so, and the next turn tries again.
    mutating func give(up failure: UpstreamFailure, _ line: Line) -> [SessionAction] {
        var opening = line.opening
        opening.greets = false
        opening.recap = self.recap.afterReconnect
        if self.line?.id == line.id { opening.acknowledges = false }
        self.dormant = Dormant(persona: line.persona, opening: opening)
        self.line = nil
        self.reply = .none
        let (code, message) = failure.told
        self.commitWaits = false
        return self.dropQueue() + [.stop(.firstOutput)] + self.complain(code, message) + [.downstream(.state(.idle))]
            + self.microphone()
    }
}
