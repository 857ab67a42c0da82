import JSON

extension RealtimeClientEvent {
    /// One text frame in the names and shapes of GA.
    public var encoded: [UInt8] {
        var text: [UInt8] = []
        if case .appendInputAudio(let audio) = self {
            audio.withUnsafeBytes { Self.appendInputAudio($0, to: &text) }
        } else {
            self.json(in: .openAI).append(to: &text)
        }
        return text
    }

    /// One text frame for a server that speaks `dialect`; nil where it knows no such event, which is then not sent.
    public func encoded(in dialect: RealtimeDialect) -> [UInt8]? {
        guard dialect != .openAI else { return self.encoded }
        if case .appendInputAudio = self { return self.encoded }
        let json = self.json(in: dialect)
        guard let type = json["type"]?.string, !dialect.unknownEvents.contains(type) else { return nil }
        var text: [UInt8] = []
        json.append(to: &text)
        return text
    }

    /// The frame of `.appendInputAudio` for borrowed bytes: the hot path, with no copy of the audio in between.
    public static func appendInputAudio(_ audio: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        text.reserveCapacity(text.count + Base64.encodedCount(audio.count) + 64)
        text.append(contentsOf: #"{"type":"input_audio_buffer.append","audio":""#.utf8)
        Base64.append(audio, to: &text)
        text.append(contentsOf: #""}"#.utf8)
    }

    private func json(in dialect: RealtimeDialect) -> JSONValue {
        switch self {
        case .sessionUpdate(let update): ["type": "session.update", "session": update.json(in: dialect)]
        case .appendInputAudio(let audio):
            ["type": "input_audio_buffer.append", "audio": .base64(audio)]
        case .commitInputAudio: ["type": "input_audio_buffer.commit"]
        case .clearInputAudio: ["type": "input_audio_buffer.clear"]
        case .createItem(let item, let previous):
            .object(
                ["type": "conversation.item.create", "item": item.json(in: dialect)]
                    .adding("previous_item_id", previous.map(JSONValue.string)))
        case .truncateItem(let itemID, let contentIndex, let audioEndMs):
            [
                "type": "conversation.item.truncate", "item_id": .string(itemID),
                "content_index": .integer(contentIndex), "audio_end_ms": .integer(audioEndMs),
            ]
        case .deleteItem(let itemID): ["type": "conversation.item.delete", "item_id": .string(itemID)]
        case .createResponse(let request):
            .object(
                ["type": "response.create", "response": request.json(in: dialect)]
                    .adding("event_id", request.eventID.map(JSONValue.string)))
        case .cancelResponse(let responseID):
            .object(["type": "response.cancel"].adding("response_id", responseID.map(JSONValue.string)))
        }
    }
}

extension [String: JSONValue] {
    /// The same members and one more, unless its value is nil: optional fields are left out, never sent as `null`.
    fileprivate func adding(_ key: String, _ value: JSONValue?) -> Self {
        guard let value else { return self }
        return self.merging([key: value]) { $1 }
    }
}

extension JSONValue {
    fileprivate static func base64(_ bytes: [UInt8]) -> JSONValue {
        .string(String(decoding: Base64.encode(bytes), as: UTF8.self))
    }
}

extension SessionUpdate {
    func json(in dialect: RealtimeDialect) -> JSONValue {
        let turns = self.turnDetection?.json(in: dialect)
        let transcription = self.transcription?.json(in: dialect)
        let voice = dialect.voice(self.voice).map(JSONValue.string)
        var members = [String: JSONValue]()
            .adding("instructions", self.instructions.map(JSONValue.string))
            .adding("tools", self.tools.map { .array($0.map(dialect.tool)) })
        switch dialect.session {
        case .nested:
            let input = [:].adding("turn_detection", turns).adding("transcription", transcription)
            members = members.adding("audio", Self.audio(input, [:].adding("voice", voice)))
        case .mixed:
            members = members.adding("voice", voice).adding("turn_detection", turns)
                .adding("audio", Self.audio([:].adding("transcription", transcription), [:]))
        case .flat:
            members = members.adding("voice", voice).adding("turn_detection", turns)
                .adding("input_audio_transcription", transcription)
        }
        return JSONValue.object(dialect.fixedSession).merging(.object(members))
    }

    private static func audio(_ input: [String: JSONValue], _ output: [String: JSONValue]) -> JSONValue? {
        let audio = [String: JSONValue]()
            .adding("input", input.isEmpty ? nil : .object(input))
            .adding("output", output.isEmpty ? nil : .object(output))
        return audio.isEmpty ? nil : .object(audio)
    }
}

extension JSONValue {
    /// Members of both, `other`'s where both have one; objects are merged in the same way.
    fileprivate func merging(_ other: JSONValue) -> JSONValue {
        guard let mine = self.object, let theirs = other.object else { return other }
        return .object(mine.merging(theirs) { $0.merging($1) })
    }
}

extension RealtimeDialect {
    fileprivate func voice(_ name: String?) -> String? {
        guard let name, let voices = self.voices else { return name }
        return voices[name]
    }

    /// A function tool, from the flat form of GA.
    fileprivate func tool(_ tool: JSONValue) -> JSONValue {
        guard self.wrapsTools, tool["type"] == "function", var function = tool.object else { return tool }
        function["type"] = nil
        return ["type": "function", "function": .object(function)]
    }
}

extension TurnDetectionSetting {
    fileprivate func json(in dialect: RealtimeDialect) -> JSONValue {
        switch self {
        case .manual: return .null
        case .serverVAD(let threshold, let prefixPaddingMs, let silenceDurationMs, let creates, let interrupts):
            return .object(
                [
                    "type": "server_vad", "threshold": .number(threshold),
                    "prefix_padding_ms": .integer(prefixPaddingMs),
                    "silence_duration_ms": .integer(silenceDurationMs),
                ].merging(Self.switches(creates, interrupts, dialect)) { $1 })
        case .semanticVAD(let eagerness, let creates, let interrupts):
            guard dialect.knowsSemanticVAD else {
                return Self.serverVAD(createResponse: creates, interruptResponse: interrupts).json(in: dialect)
            }
            return .object(
                ["type": "semantic_vad", "eagerness": .string(eagerness)]
                    .merging(Self.switches(creates, interrupts, dialect)) { $1 })
        }
    }

    private static func switches(
        _ creates: Bool, _ interrupts: Bool, _ dialect: RealtimeDialect
    ) -> [String: JSONValue] {
        guard dialect.knowsTurnSwitches else { return [:] }
        return ["create_response": .bool(creates), "interrupt_response": .bool(interrupts)]
    }
}

extension TranscriptionSetting {
    fileprivate func json(in dialect: RealtimeDialect) -> JSONValue {
        guard case .on(let model, let language, let prompt) = self else { return .null }
        switch dialect.transcription {
        case .asAsked:
            return .object(
                ["model": .string(model)]
                    .adding("language", language.map(JSONValue.string))
                    .adding("prompt", prompt.map(JSONValue.string)))
        case .hint(let name): return .object([:].adding(name, language.map(JSONValue.string)))
        case .model(let name): return ["model": .string(name)]
        }
    }
}

extension NewItem {
    fileprivate func json(in dialect: RealtimeDialect) -> JSONValue {
        switch self {
        case .systemText(let id, let text): Self.message(id, "system", "input_text", text)
        case .userText(let id, let text): Self.message(id, "user", "input_text", text)
        // OpenAI refuses any content of an assistant item but `output_text`.
        case .assistantText(let id, let text): Self.message(id, "assistant", dialect.assistantContent, text)
        case .forceMessage(let id, let text): Self.message(id, "assistant", "output_text", text, type: "force_message")
        case .userAudio(let id, let audio):
            .object(
                [
                    "type": "message", "role": "user",
                    "content": [
                        ["type": "input_audio", "audio": .base64(audio)]
                    ],
                ].adding("id", id.map(JSONValue.string)))
        case .functionOutput(let id, let callID, let output):
            .object(
                ["type": "function_call_output", "call_id": .string(callID), "output": .string(output)]
                    .adding("id", id.map(JSONValue.string)))
        }
    }

    private static func message(
        _ id: String?, _ role: String, _ contentType: String, _ text: String, type: String = "message"
    ) -> JSONValue {
        .object(
            [
                "type": .string(type), "role": .string(role),
                "content": [["type": .string(contentType), "text": .string(text)]],
            ].adding("id", id.map(JSONValue.string)))
    }
}

extension ResponseRequest {
    fileprivate func json(in dialect: RealtimeDialect) -> JSONValue {
        let modalities = self.outputModalities ?? dialect.modalities
        let members = ["conversation": .string(self.inConversation ? "auto" : "none")]
            .adding("input", self.isolated ? [] : nil)
            .adding("instructions", self.instructions.map(JSONValue.string))
            .adding("tool_choice", self.allowsTools ? nil : "none")
            .adding(dialect.modalitiesKey, modalities.map { .array($0.map(JSONValue.string)) })
            .adding("metadata", self.metadata.isEmpty ? nil : .object(self.metadata.mapValues(JSONValue.string)))
        guard let known = dialect.responseFields else { return .object(members) }
        return .object(members.filter { known.contains($0.key) })
    }
}
