import ClientProtocol
import Personas
import RealtimeProtocol

// When the model goes away.
extension ConversationMachine {
    /// A line could not be opened, or broke.
    mutating func lineFailed(_ id: LineID, _ failure: UpstreamFailure, now: Int) -> [SessionAction] {
        if let candidate = self.candidate, candidate.id == id {
            return self.candidateFailed(candidate, failure, now: now)
        }
        guard let line = self.line, line.id == id else { return [] }
        return self.replace(line, failure, now: now)
    }

    mutating func timerFired(_ timer: SessionTimer, now: Int) -> [SessionAction] {
        switch timer {
        case .setUp(let id):
            guard self.candidate?.id == id else { return [] }
            return [.disconnect(id)]
                + self.lineFailed(
                    id, UpstreamFailure(.timeout, "the model did not accept the session in time"), now: now)
        case .firstOutput: return self.answerOverdue(now: now)
        case .cancellation:
            // A model that never ends a cancelled response would keep the user waiting for ever.
            return self.endCancelled() + self.advance()
        case .bargeIn: return self.bargeInRejected(now: now)
        case .idle: return self.idleTimerFired(now: now)
        case .rotation: return self.rotationDue(now: now)
        case .replyHeard:
            self.isReplyProtected = false
            return self.microphone()
        case .retry:
            guard let candidate = self.candidate else { return [] }
            return self.dial(candidate.persona, candidate.opening, attempt: candidate.attempt + 1)
        }
    }

    /// The user has waited long enough, for the first word or for the next one: another line would take as long again.
    private mutating func answerOverdue(now: Int) -> [SessionAction] {
        guard let line = self.line else { return [] }
        if case .running(let reply) = self.reply, let heardAtMs = reply.heardAtMs {
            let rest = .milliseconds(heardAtMs - now) + self.limits.firstOutput
            if rest > .zero { return [.start(.firstOutput, rest)] }
        }
        self.line = nil
        let failure = UpstreamFailure(.timeout, "the model did not begin its answer in time, or did not go on")
        return [.disconnect(line.id)] + self.cutOff(now: now) + self.give(up: failure, line, now: now)
    }

    private mutating func candidateFailed(
        _ candidate: Line, _ failure: UpstreamFailure, now: Int
    ) -> [SessionAction] {
        let stop = SessionAction.stop(.setUp(candidate.id))
        if self.isRotating { return [stop] + self.rotationFailed() }
        if let pause = self.pause(before: candidate.attempt + 1, failure, now: now) {
            return [stop, .start(.retry, pause)]
        }
        self.candidate = nil
        guard self.line != nil, candidate.opening.acknowledges else {
            return [stop] + self.give(up: failure, candidate, now: now)
        }
        return [stop]
            + self.complain(.switchFailed, "the new persona could not be reached, \(self.persona?.name ?? "") stays")
            + [.downstream(.state(.idle))] + self.advance()
    }

    /// How long to wait before another attempt; nil for none.
    private func pause(before attempt: Int, _ failure: UpstreamFailure, now: Int) -> Duration? {
        guard let lostAtMs = self.lostAtMs else {
            // Somebody waits for an acknowledgement, and is told soon.
            return failure.failureClass == .transient && attempt <= self.limits.maxAttempts
                ? self.limits.retryPause : nil
        }
        guard failure.isRetriable else { return nil }
        let doubled = self.limits.recoveryPause * (1 << min(attempt - 2, 10))
        let pause = max(min(doubled, self.limits.maxRecoveryPause), failure.retryAfter ?? .zero)
        return .milliseconds(now - lostAtMs) + pause <= self.limits.recovery ? pause : nil
    }

    /// The line of the persona in force is gone: another takes its place, knows what was said, and answers the turn that was
    /// cut off.
    private mutating func replace(_ line: Line, _ failure: UpstreamFailure, now: Int) -> [SessionAction] {
        let isRotating = self.isRotating
        self.line = nil
        var actions = self.cutOff(now: now)
        // The line that was to replace it is on its way already.
        if isRotating {
            self.lostAtMs = now
            return actions + self.microphone()
        }
        guard failure.isRetriable else { return actions + self.give(up: failure, line, now: now) }
        // A switch is under way: the old persona is not worth another line.
        guard self.candidate == nil else { return actions }
        self.lostAtMs = now
        actions += [.count(.reconnect), .downstream(.state(.reconnecting))]
        return actions
            + self.dial(
                line.persona,
                Line.Opening(greets: false, switchID: nil, recap: self.recap.afterReconnect, acknowledges: false))
            + self.microphone()
    }

    /// There is no model for the persona now: what waits is told so, and the next turn tries again.
    mutating func give(up failure: UpstreamFailure, _ line: Line, now: Int) -> [SessionAction] {
        var opening = line.opening
        opening.greets = false
        opening.recap = self.recap.afterReconnect
        // It was acknowledged when it began.
        if line.phase == .ready { opening.acknowledges = false }
        self.dormant = Dormant(
            persona: line.persona, opening: opening,
            wakesAtMs: failure.isRetriable && opening.continues
                ? now + Int(self.limits.wakePause / .milliseconds(1)) : nil)
        self.line = nil
        self.reply = .none
        self.lostAtMs = nil
        self.commitWaits = false
        let (code, message) = failure.told
        return self.dropQueue() + [.stop(.firstOutput)] + self.complain(code, message) + [.downstream(.state(.idle))]
            + self.microphone()
    }
}
