import ClientProtocol

// What a client is told of how the conversation stands.
extension ConversationMachine {
    /// What the persona is doing.
    var agentState: AgentState {
        if let candidate = self.candidate, candidate.opening.acknowledges || self.line == nil {
            return candidate.opening.acknowledges ? .switching : .reconnecting
        }
        return switch self.reply {
        case .running(let reply): reply.hasBegun ? .speaking : .thinking
        case .requested: .thinking
        case .none, .ending: self.isUserSpeaking ? .listening : .idle
        }
    }

    var userState: UserState {
        if self.isUserSpeaking { return .speaking }
        return self.wasNudged ? .away : .silent
    }

    /// Why nothing is heard of the persona; nil while it speaks.
    ///
    /// - Parameter agent: what the client is told that the persona does.
    func silenceCause(_ agent: AgentState) -> SilenceCause? {
        if agent == .speaking { return nil }
        if self.bargeIn != nil { return .interrupted }
        if let candidate = self.candidate, candidate.opening.acknowledges || self.line == nil {
            return candidate.opening.acknowledges ? .connecting : .modelLost
        }
        if self.line == nil { return self.dormant == nil ? .noPersona : .modelUnavailable }
        if self.isUserSpeaking { return .listening }
        switch self.reply {
        case .requested, .running: return .model
        case .none, .ending: break
        }
        if self.sending != nil { return .model }
        if let next = self.queue.first { return next.isReady ? .model : .decoding }
        return self.isMuted ? .muted : .waiting
    }
}
