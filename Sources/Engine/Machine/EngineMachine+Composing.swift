import JSON
import LanguageModels

/// Replies that a language model writes.
extension EngineMachine {
    /// What a new response is to be written with; nil where the engine writes it itself.
    func composition(_ options: ResponseOptions, context: [ConversationItem.Body]) -> Composition? {
        guard self.abilities.composes else { return nil }
        if let own = options.instructions, VerbatimRequest.line(in: own) != nil { return nil }
        return Composition(
            instructions: options.instructions, context: options.input == nil ? nil : context,
            awaited: options.input == nil ? self.unwritten : [])
    }

    /// Asks the model, once all that was said is written down.
    mutating func compose(_ id: String) -> [EngineAction] {
        guard let response = self.responses.first(where: { $0.id == id }), let composition = response.composition,
            composition.awaited.isEmpty
        else { return [] }
        let prompt = ReplyPrompt(
            instructions: self.instructions(for: composition.instructions), context: self.context(of: response),
            isSpoken: response.isSpoken)
        guard let prompt else { return self.composeOneself(id, warning: "speech_not_recognised") }
        let request = ChatRequest(
            role: .reply, messages: prompt.messages,
            maxTokens: response.isSpoken ? nil : response.maxOutputTokens.count, payer: self.identity.id)
        return [.compose(responseID: id, request)]
    }

    /// The model has written another sentence.
    mutating func composed(_ id: String, _ text: String) -> [EngineAction] {
        guard let index = self.responses.firstIndex(where: { $0.id == id && $0.composition != nil }) else { return [] }
        if self.responses[index].composition?.hasText == false {
            self.responses[index].label(Composition.sourceKey, Composition.Source.languageModel.rawValue)
        }
        self.responses[index].composition?.hasText = true
        return self.add(text, toResponseAt: index)
    }

    /// The model has written all.
    ///
    /// - Parameter warning: where it is not what it should be, in a word.
    mutating func compositionEnded(_ id: String, warning: String? = nil) -> [EngineAction] {
        guard let index = self.responses.firstIndex(where: { $0.id == id }),
            let composition = self.responses[index].composition
        else { return [] }
        guard composition.hasText else { return self.composeOneself(id, warning: warning ?? "no_answer") }
        if let warning { self.responses[index].label(Composition.warningKey, warning) }
        return self.closeComposition(ofResponseAt: index)
    }

    /// The engine answers in the model's stead, with the persona's own words.
    private mutating func composeOneself(_ id: String, warning: String) -> [EngineAction] {
        guard let index = self.responses.firstIndex(where: { $0.id == id }),
            let composition = self.responses[index].composition
        else { return [] }
        let (text, _) = self.write(composition.instructions, self.context(of: self.responses[index]))
        self.responses[index].label(Composition.sourceKey, Composition.Source.embedded.rawValue)
        self.responses[index].label(Composition.warningKey, warning)
        let actions = self.add(text, toResponseAt: index)
        guard let index = self.responses.firstIndex(where: { $0.id == id }) else { return actions }
        return actions + self.closeComposition(ofResponseAt: index)
    }

    private mutating func closeComposition(ofResponseAt index: Int) -> [EngineAction] {
        let response = self.responses[index]
        self.responses[index].composition = nil
        return response.isSpoken ? [.speechIsWritten(responseID: response.id)] : self.end(response.id, .completed)
    }

    private mutating func add(_ text: String, toResponseAt index: Int) -> [EngineAction] {
        let isWhole = self.responses[index].append(text)
        let response = self.responses[index]
        guard response.isSpoken else {
            let words =
                self.responses[index].remainingWords().map { [EngineAction.send(response.wordsDelta($0))] } ?? []
            return isWhole ? words : words + self.end(response.id, .incomplete)
        }
        let spoken = text.withoutMarkup
        let language = Script.language(of: spoken, preferred: self.sketch.language ?? "en")
        let request = SpeechRequest(
            text: spoken, language: language, voice: response.voice, speed: self.settings.speed)
        let speech = EngineAction.speak(responseID: response.id, request)
        guard !isWhole else { return [speech] }
        self.responses[index].composition = nil
        return [speech, .speechIsWritten(responseID: response.id)]
    }

    /// A response's own instructions outrank the session's; without a persona in them they come on top.
    private func instructions(for own: String?) -> String {
        guard let own else { return self.settings.instructions }
        guard PersonaSketch(instructions: own).name == nil else { return own }
        return "\(self.settings.instructions)\n\n\(own)"
    }

    private func context(of response: Response) -> [ConversationItem.Body] {
        if let context = response.composition?.context { return context }
        return self.conversation.items.prefix { $0.id != response.itemID }.map(\.bodyAsHeard)
    }
}

extension ConversationItem {
    /// A reply that was cut short with the words of it that were heard.
    fileprivate var bodyAsHeard: Body {
        guard let words = self.heardWords else { return self.body }
        return .message(.assistant, words.isEmpty ? [] : [.outputText("\(words) …")])
    }
}

extension Response {
    /// Tells something in the metadata that the client gave, as long as the protocol's 16 pairs have room for it.
    mutating func label(_ key: String, _ value: String) {
        var pairs = self.metadata.object ?? [:]
        guard pairs.count < 16 else { return }
        pairs[key] = .string(value)
        self.metadata = .object(pairs)
    }
}
