import JSON

extension RealtimeClientEvent {
    /// One text frame.
    public var encoded: [UInt8] {
        var text: [UInt8] = []
        self.append(to: &text)
        return text
    }

    /// Appends the frame to a buffer that may carry headroom in front.
    public func append(to text: inout [UInt8]) {
        if case .appendInputAudio(let audio) = self {
            audio.withUnsafeBytes { Self.appendInputAudio($0, to: &text) }
        } else {
            self.json.append(to: &text)
        }
    }

    /// The frame of `.appendInputAudio` for borrowed bytes: the hot path, with no copy of the audio in between.
    public static func appendInputAudio(_ audio: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        text.reserveCapacity(text.count + Base64.encodedCount(audio.count) + 64)
        text.append(contentsOf: #"{"type":"input_audio_buffer.append","audio":""#.utf8)
        Base64.append(audio, to: &text)
        text.append(contentsOf: #""}"#.utf8)
    }

    private var json: JSONValue {
        switch self {
        case .sessionUpdate(let update): ["type": "session.update", "session": update.json]
        case .appendInputAudio(let audio):
            ["type": "input_audio_buffer.append", "audio": .base64(audio)]
        case .commitInputAudio: ["type": "input_audio_buffer.commit"]
        case .clearInputAudio: ["type": "input_audio_buffer.clear"]
        case .createItem(let item, let previous):
            .object(
                ["type": "conversation.item.create", "item": item.json]
                    .adding("previous_item_id", previous.map(JSONValue.string)))
        case .truncateItem(let itemID, let contentIndex, let audioEndMs):
            [
                "type": "conversation.item.truncate", "item_id": .string(itemID),
                "content_index": .integer(contentIndex), "audio_end_ms": .integer(audioEndMs),
            ]
        case .deleteItem(let itemID): ["type": "conversation.item.delete", "item_id": .string(itemID)]
        case .createResponse(let request):
            .object(
                ["type": "response.create", "response": request.json]
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
    var json: JSONValue {
        let input = [String: JSONValue]()
            .adding("turn_detection", self.turnDetection?.json)
            .adding("transcription", self.transcription?.json)
        let output = [String: JSONValue]().adding("voice", self.voice.map(JSONValue.string))
        let audio = [String: JSONValue]()
            .adding("input", input.isEmpty ? nil : .object(input))
            .adding("output", output.isEmpty ? nil : .object(output))
        return .object(
            ["type": "realtime"]
                .adding("instructions", self.instructions.map(JSONValue.string))
                .adding("tools", self.tools.map(JSONValue.array))
                .adding("audio", audio.isEmpty ? nil : .object(audio)))
    }
}

extension TurnDetectionSetting {
    var json: JSONValue {
        switch self {
        case .manual: .null
        case .serverVAD(let threshold, let prefixPaddingMs, let silenceDurationMs, let creates, let interrupts):
            [
                "type": "server_vad", "threshold": .number(threshold), "prefix_padding_ms": .integer(prefixPaddingMs),
                "silence_duration_ms": .integer(silenceDurationMs), "create_response": .bool(creates),
                "interrupt_response": .bool(interrupts),
            ]
        case .semanticVAD(let eagerness, let creates, let interrupts):
            [
                "type": "semantic_vad", "eagerness": .string(eagerness), "create_response": .bool(creates),
                "interrupt_response": .bool(interrupts),
            ]
        }
    }
}

extension TranscriptionSetting {
    var json: JSONValue {
        switch self {
        case .off: .null
        case .on(let model, let language, let prompt):
            .object(
                ["model": .string(model)]
                    .adding("language", language.map(JSONValue.string))
                    .adding("prompt", prompt.map(JSONValue.string)))
        }
    }
}

extension NewItem {
    var json: JSONValue {
        switch self {
        case .systemText(let id, let text): Self.message(id, "system", "input_text", text)
        case .userText(let id, let text): Self.message(id, "user", "input_text", text)
        // OpenAI refuses any content of an assistant item but `output_text`.
        case .assistantText(let id, let text): Self.message(id, "assistant", "output_text", text)
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
    var json: JSONValue {
        .object(
            ["conversation": .string(self.inConversation ? "auto" : "none")]
                .adding("input", self.isolated ? [] : nil)
                .adding("instructions", self.instructions.map(JSONValue.string))
                .adding("tool_choice", self.allowsTools ? nil : "none")
                .adding("output_modalities", self.outputModalities.map { .array($0.map(JSONValue.string)) })
                .adding("metadata", self.metadata.isEmpty ? nil : .object(self.metadata.mapValues(JSONValue.string))))
    }
}
