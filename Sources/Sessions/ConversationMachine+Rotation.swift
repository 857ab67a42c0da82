import RealtimeProtocol

// A provider ends every session some day. Before that, in a moment in which nobody says anything, another line takes over.
extension ConversationMachine {
    /// A line is being replaced while it is in order.
    var isRotating: Bool { self.line != nil && self.candidate?.opening.continues == true }

    /// Nothing is said, asked, prepared or heard: nobody notices who listens.
    func isRestful(now: Int) -> Bool {
        self.isQuiet && !self.isSentenceUnderWay(now: now) && self.bargeIn == nil && !self.playback.isPlaying(now: now)
    }

    /// Somebody speaks, and their microphone is still there: a model waits for the end of a sentence for ever.
    private func isSentenceUnderWay(now: Int) -> Bool {
        self.isUserSpeaking && .milliseconds(now - self.lastSoundMs) < self.limits.abandonedSpeech
    }

    /// The live microphone sent something.
    mutating func microphoneHeard(now: Int) {
        self.lastSoundMs = now
    }

    func planRotation(from old: Line?, to line: Line) -> [SessionAction] {
        guard let delay = line.rotatesAfter else { return old?.rotatesAfter == nil ? [] : [.stop(.rotation)] }
        return [.start(.rotation, delay)]
    }

    mutating func rotationDue(now: Int) -> [SessionAction] {
        guard let line = self.line else { return [] }
        guard self.isRestful(now: now) else { return [.start(.rotation, self.limits.rotationPause)] }
        return [.count(.rotation)]
            + self.dial(
                line.persona,
                Line.Opening(greets: false, switchID: nil, recap: self.recap.afterReconnect, acknowledges: false))
            + self.microphone()
    }

    /// The user began to speak while the old line was still listening: it hears the whole turn.
    mutating func stopRotating() -> [SessionAction] {
        guard self.isRotating, let candidate = self.candidate else { return [] }
        return self.abandon(candidate) + [.start(.rotation, self.limits.rotationPause)] + self.microphone()
            + self.commitKept()
    }

    /// The old line stays for as long as it lives; if it ends first, it is replaced as any line that is lost.
    mutating func rotationFailed() -> [SessionAction] {
        self.candidate = nil
        return [.start(.rotation, self.limits.rotationRetry)] + self.advance() + self.commitKept()
    }

    /// The client ended its turn while the line was being replaced.
    mutating func commitKept() -> [SessionAction] {
        guard self.commitWaits, self.line != nil, self.candidate == nil else { return [] }
        self.commitWaits = false
        return [.commitKept]
    }
}
