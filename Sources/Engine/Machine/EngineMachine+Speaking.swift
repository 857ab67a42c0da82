/// Speaking the reply.
extension EngineMachine {
    /// More audio of a response is ready to go out.
    mutating func audioMade(_ id: String, samples: Int) -> [EngineAction] {
        guard let index = self.responses.firstIndex(where: { $0.id == id }) else { return [] }
        let words = self.responses[index].audioMade(samples: samples)
        let response = self.responses[index]
        self.spokenVoice = self.spokenVoice ?? response.voice
        var actions: [EngineAction] = words.map { [.send(response.wordsDelta($0))] } ?? []
        actions.append(.sendAudio(responseID: id, itemID: response.itemID, format: response.format))
        return response.isAtLimit ? actions + self.end(id, .incomplete) : actions
    }

    /// All of a response's audio went out.
    mutating func speechEnded(_ id: String) -> [EngineAction] {
        self.end(id, .completed)
    }

    /// The synthesizer gave up.
    mutating func speechFailed(_ id: String) -> [EngineAction] {
        self.end(id, .failed)
    }

    mutating func end(_ id: String, _ status: Response.Status) -> [EngineAction] {
        guard let index = self.responses.firstIndex(where: { $0.id == id }) else { return [] }
        var response = self.responses.remove(at: index)
        var actions: [EngineAction] = []
        if status == .completed || response.isText, let words = response.remainingWords() {
            actions.append(.send(response.wordsDelta(words)))
        }
        let previous = self.conversation.previous(of: response.itemID)
        if response.conversationID != nil {
            // Audio comes faster than it is played: the reply is heard when its length has passed.
            self.idleSinceMs = max(self.input.positionMs, response.startedAtMs + response.milliseconds)
            self.conversation.replace(response.item(status == .completed ? .completed : .incomplete))
        }
        actions += response.ending(status, previous: previous).map { .send($0) }
        actions.append(.responseEnded(id: id, status: status))
        guard self.owesReply, self.activeResponse == nil else { return actions }
        return actions + self.answer()
    }
}

extension Response {
    fileprivate var isText: Bool {
        if case .text = self.output { true } else { false }
    }
}
