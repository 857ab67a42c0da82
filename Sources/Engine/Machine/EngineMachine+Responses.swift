import JSON
import RealtimeProtocol

/// What the engine answers.
extension EngineMachine {
    /// The response under way in the conversation.
    var activeResponse: Response? {
        self.responses.first { $0.conversationID != nil }
    }

    mutating func createResponse(_ options: ResponseOptions) throws(RealtimeError) -> [EngineAction] {
        if options.inConversation { try self.requireIdle() }
        guard self.responses.count < self.limits.maxResponses else { throw .tooManyResponses(self.limits.maxResponses) }
        if let voice = options.voice, let spoken = self.spokenVoice, voice != spoken { throw .voiceLocked }
        return self.begin(options, context: try self.context(options.input))
    }

    mutating func cancelResponse(_ id: String?) throws(RealtimeError) -> [EngineAction] {
        let response = id.map { id in self.responses.first { $0.id == id } } ?? self.activeResponse
        guard let response else {
            throw .refusal("response_cancel_not_active", "Cancellation failed: no active response found")
        }
        return self.end(response.id, .cancelled(.clientCancelled))
    }

    /// Says a text as it stands, in a response of its own.
    mutating func speakExactly(_ text: String, itemID: String?) throws(RealtimeError) -> [EngineAction] {
        try self.requireIdle()
        let output = self.output(text, modality: self.settings.outputModality)
        return self.begin(
            ResponseOptions(), output, language: self.sketch.language ?? "en", inputTokens: TokenCount(), itemID: itemID
        )
    }

    /// Answers the user's turn, as turn detection asks for.
    mutating func answer() -> [EngineAction] {
        self.owesReply = false
        return self.begin(ResponseOptions(), context: self.conversation.items.map(\.body))
    }

    private func requireIdle() throws(RealtimeError) {
        guard let active = self.activeResponse else { return }
        throw .refusal(
            "conversation_already_has_active_response",
            "Conversation already has an active response in progress: \(active.id). Wait until the response is finished "
                + "before creating a new one.")
    }

    private func context(_ input: [ResponseOptions.Context]?) throws(RealtimeError) -> [ConversationItem.Body] {
        guard let input else { return self.conversation.items.map(\.body) }
        var context: [ConversationItem.Body] = []
        for (index, value) in input.enumerated() {
            switch value {
            case .item(let body): context.append(body)
            case .reference(let id):
                guard let item = self.conversation[id] else { throw .noReference(id, index) }
                context.append(item.body)
            }
        }
        return context
    }
}

/// Making the reply.
extension EngineMachine {
    private mutating func begin(_ options: ResponseOptions, context: [ConversationItem.Body]) -> [EngineAction] {
        var tokens = TokenCount(text: TokenCount.text(options.instructions ?? self.settings.instructions))
        for item in context { tokens.add(item) }
        let choice = options.toolChoice ?? self.settings.toolChoice
        if let call = ForcedCall(choice: choice, tools: options.tools ?? self.settings.tools) {
            let output = Response.Output.call(call, callID: self.ids.next("call"))
            return self.begin(options, output, language: "", inputTokens: tokens)
        }
        if let composition = self.composition(options, context: context) {
            let output = self.output("", modality: options.outputModality ?? self.settings.outputModality)
            return self.begin(options, output, language: "", inputTokens: tokens, composition: composition)
        }
        let (text, language) = self.write(options.instructions, context)
        let output = self.output(text, modality: options.outputModality ?? self.settings.outputModality)
        return self.begin(options, output, language: language, inputTokens: tokens)
    }

    private func output(_ text: String, modality: String) -> Response.Output {
        modality == "text" ? .text(text) : .speech(text)
    }

    mutating func write(
        _ instructions: String?, _ context: [ConversationItem.Body]
    ) -> (text: String, language: String) {
        if let line = instructions.flatMap({ VerbatimRequest.line(in: $0) }) {
            return (line, self.sketch.language ?? "en")
        }
        let own = instructions.map { PersonaSketch(instructions: $0) }
        let writer = ReplyWriter(sketch: own?.name != nil ? own ?? self.sketch : self.sketch)
        defer { self.replies += 1 }
        return (writer.reply(to: Self.heard(in: context), turn: self.replies), writer.language)
    }

    /// What came last, unless the engine has answered it already.
    private static func heard(in context: [ConversationItem.Body]) -> ReplyWriter.Heard {
        for item in context.reversed() {
            switch item {
            case .functionOutput: return .toolOutput
            case .message(.user, let content): return Self.heard(content)
            case .message(.assistant, _), .functionCall: return .nothing
            case .message(.system, _): continue
            }
        }
        return .nothing
    }

    private static func heard(_ content: [ConversationItem.Content]) -> ReplyWriter.Heard {
        var text = ""
        var milliseconds = 0
        for part in content {
            switch part {
            case .inputText(let words): text += text.isEmpty ? words : " " + words
            case .inputAudio(let recording): milliseconds += recording.isSilence ? 0 : recording.milliseconds
            case .inputImage, .outputText, .outputAudio: break
            }
        }
        guard text.isEmpty else { return .text(text) }
        return milliseconds > 0 ? .speech(milliseconds: milliseconds) : .nothing
    }

    private mutating func begin(
        _ options: ResponseOptions, _ output: Response.Output, language: String, inputTokens: TokenCount,
        itemID: String? = nil, composition: Composition? = nil
    ) -> [EngineAction] {
        var response = Response(
            id: self.ids.next("resp"), itemID: itemID ?? self.ids.next("item"),
            conversationID: options.inConversation ? self.identity.conversationID : nil, output: output,
            voice: options.voice ?? self.spokenVoice ?? self.settings.voice,
            format: options.format ?? self.settings.outputFormat,
            maxOutputTokens: options.maxOutputTokens ?? self.settings.maxOutputTokens, metadata: options.metadata,
            inputTokens: inputTokens, startedAtMs: self.input.positionMs)
        response.composition = composition
        self.responses.append(response)
        if options.inConversation {
            self.idleSinceMs = nil
            self.conversation.insert(response.item(.inProgress))
        }
        let previous = self.conversation.previous(of: response.itemID)
        let beginning = response.beginning(previous: previous).map { EngineAction.send($0) }
        guard composition != nil else { return beginning + self.produce(response, language: language) }
        return beginning + [.expectWords(responseID: response.id)] + self.compose(response.id)
    }

    private mutating func produce(_ response: Response, language: String) -> [EngineAction] {
        switch response.output {
        case .speech(let text):
            let request = SpeechRequest(
                text: text, language: Script.language(of: text, preferred: language), voice: response.voice,
                speed: self.settings.speed)
            return [.speak(responseID: response.id, request)]
        case .text(let text):
            let isWhole = text.count <= 4 * response.maxOutputTokens.count
            return self.end(response.id, isWhole ? .completed : .incomplete)
        case .call(let call, let callID):
            return response.callDelta(call, callID: callID).map { .send($0) } + self.end(response.id, .completed)
        }
    }
}

extension RealtimeError {
    fileprivate static func tooManyResponses(_ limit: Int) -> RealtimeError {
        .refusal("rate_limit_exceeded", "\(limit) responses are in progress already.")
    }

    fileprivate static func noReference(_ id: String, _ index: Int) -> RealtimeError {
        .refusal(
            "invalid_value", "Item with id '\(id.prefix(64))' not found in conversation.",
            param: "response.input[\(index)].id")
    }
}
