import ClientProtocol
import Personas
import RealtimeProtocol

// Whether the user is there, and how they listen.
extension ConversationMachine {
    mutating func clientChanged(_ state: ClientState) -> [SessionAction] {
        if let output = state.output { self.isTextOnly = output == .text }
        guard let isMuted = state.isMuted, isMuted != self.isMuted else { return [] }
        self.isMuted = isMuted
        // A model that hears no more would wait for the end of the turn for ever.
        let wasSpeaking = isMuted && self.isUserSpeaking
        return (wasSpeaking ? self.commitReceived() : []) + self.microphone()
    }

    /// The user has said something, in whatever way.
    mutating func userWasActive() -> [SessionAction] {
        self.wasNudged = false
        return self.limits.idleNudge == nil ? [] : [.stop(.idle)]
    }

    /// From the end of what is being heard the user has so long to say something.
    ///
    /// - Parameter remainingMs: of the reply, until it has been heard.
    func awaitUser(remainingMs: Int) -> [SessionAction] {
        guard let patience = self.limits.idleNudge, self.isStreaming, !self.wasNudged else { return [] }
        return [.start(.idle, patience + .milliseconds(max(0, remainingMs)))]
    }

    /// Nothing was said for long: the persona asks, once.
    mutating func idleTimerFired(now: Int) -> [SessionAction] {
        guard let line = self.line, !self.wasNudged, !self.isMuted, self.isRestful(now: now) else { return [] }
        self.wasNudged = true
        self.queue.append(QueuedTurn(turn: .nudge(language: line.persona.language), isReady: true))
        return [.downstream(.state(.idle))] + self.advance()
    }

    static func nudgeInstructions(_ language: String) -> String {
        """
        The caller has said nothing for a while. In one short, kind sentence, in the language with the code \(language), ask \
        whether they are still there, or take up the last thread of the talk. Do not greet, and add nothing else.
        """
    }
}
