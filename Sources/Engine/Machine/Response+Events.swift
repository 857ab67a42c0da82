import JSON

/// The events of a response, in the order of the vendor's own traces.
extension Response {
    /// From `response.created` to the place where the first delta comes.
    func beginning(previous: String?) -> [ServerEvent] {
        let item = self.item(.inProgress)
        var events = [
            ServerEvent("response.created", ["response": self.json(status: nil)]), .rateLimits,
            ServerEvent("response.output_item.added", self.itemFields(item)),
        ]
        if self.conversationID != nil { events.append(.itemAdded(item, previous: previous)) }
        if case .call = self.output { return events }
        return events + [self.part("response.content_part.added", ["part": self.emptyPart])]
    }

    /// Words that go out now.
    func wordsDelta(_ words: String) -> ServerEvent {
        self.part(
            self.isSpoken ? "response.output_audio_transcript.delta" : "response.output_text.delta",
            ["delta": .string(words)])
    }

    /// All of a function call's arguments at once.
    func callDelta(_ call: ForcedCall, callID: String) -> [ServerEvent] {
        let fields = self.callFields(callID)
        return [
            ServerEvent(
                "response.function_call_arguments.delta", fields.merging(["delta": .string(call.arguments)]) { $1 }),
            ServerEvent(
                "response.function_call_arguments.done",
                fields.merging(["arguments": .string(call.arguments), "name": .string(call.name)]) { $1 }),
        ]
    }

    /// From the last delta to `response.done`; a response that was cut short says all of it too.
    func ending(_ status: Status, previous: String?) -> [ServerEvent] {
        let item = self.item(status == .completed ? .completed : .incomplete)
        var events = self.contentEnding(item)
        if self.conversationID != nil { events.append(.itemDone(item, previous: previous)) }
        events.append(ServerEvent("response.output_item.done", self.itemFields(item)))
        events.append(ServerEvent("response.done", ["response": self.json(status: status)]))
        return events
    }

    private func contentEnding(_ item: ConversationItem) -> [ServerEvent] {
        guard let content = item.content.first else { return [] }
        let done = self.part("response.content_part.done", ["part": content.partJSON])
        let said = JSONValue.string(self.transcript.said)
        guard self.isSpoken else { return [self.part("response.output_text.done", ["text": said]), done] }
        return [
            self.part("response.output_audio.done", [:]),
            self.part("response.output_audio_transcript.done", ["transcript": said]), done,
        ]
    }

    private var emptyPart: JSONValue {
        self.isSpoken ? ["type": "audio", "transcript": ""] : ["type": "text", "text": ""]
    }

    private func itemFields(_ item: ConversationItem) -> [String: JSONValue] {
        ["response_id": .string(self.id), "output_index": 0, "item": item.json()]
    }

    private func callFields(_ callID: String) -> [String: JSONValue] {
        [
            "response_id": .string(self.id), "item_id": .string(self.itemID), "output_index": 0,
            "call_id": .string(callID),
        ]
    }

    private func part(_ type: String, _ fields: [String: JSONValue]) -> ServerEvent {
        let place: [String: JSONValue] = [
            "response_id": .string(self.id), "item_id": .string(self.itemID), "output_index": 0, "content_index": 0,
        ]
        return ServerEvent(type, place.merging(fields) { $1 })
    }
}

extension Response {
    /// The response object; a status of nil is `in_progress`.
    private func json(status: Status?) -> JSONValue {
        let output = status.map { [self.item($0 == .completed ? .completed : .incomplete).json()] } ?? []
        return [
            "object": "realtime.response", "id": .string(self.id), "status": .string(status?.name ?? "in_progress"),
            "status_details": status?.details ?? .null, "output": .array(output),
            "conversation_id": .optional(self.conversationID),
            "output_modalities": [self.isSpoken ? "audio" : "text"], "max_output_tokens": self.maxOutputTokens.json,
            "audio": ["output": ["format": self.format.json, "voice": .string(self.voice)]],
            "usage": status == nil ? .null : self.usage, "metadata": self.metadata,
        ]
    }

    private var usage: JSONValue {
        let output = self.outputTokens
        let none: JSONValue = ["text_tokens": 0, "audio_tokens": 0, "image_tokens": 0]
        return [
            "total_tokens": .integer(self.inputTokens.total + output.total),
            "input_tokens": .integer(self.inputTokens.total), "output_tokens": .integer(output.total),
            "input_token_details": [
                "text_tokens": .integer(self.inputTokens.text), "audio_tokens": .integer(self.inputTokens.audio),
                "image_tokens": 0, "cached_tokens": 0, "cached_tokens_details": none,
            ],
            "output_token_details": ["text_tokens": .integer(output.text), "audio_tokens": .integer(output.audio)],
        ]
    }
}

extension Response.Status {
    var name: String {
        switch self {
        case .completed: "completed"
        case .cancelled: "cancelled"
        case .incomplete: "incomplete"
        case .failed: "failed"
        }
    }

    fileprivate var details: JSONValue {
        switch self {
        case .completed: .null
        case .cancelled(let reason): ["type": "cancelled", "reason": .string(reason.rawValue)]
        case .incomplete: ["type": "incomplete", "reason": "max_output_tokens"]
        case .failed: ["type": "failed", "error": ["type": "server_error", "code": "speech_synthesis_failed"]]
        }
    }
}
