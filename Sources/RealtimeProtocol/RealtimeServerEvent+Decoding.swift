import JSON

extension RealtimeServerEvent {
    /// Decodes one text frame. Audio deltas take a short way that never makes a `String` of the payload.
    ///
    /// - Throws: `JSONError` if the text is no JSON object with a `type`, or an audio payload is no base64. Missing or
    ///   odd fields do not throw: servers of other vendors leave some out.
    public init(
        decoding text: UnsafeRawBufferPointer, in dialect: RealtimeDialect = .openAI
    ) throws(JSONError) {
        if let shallow = ShallowObject(text), Self.isAudioDelta(shallow, dialect),
            let payload = shallow.plainBytes("delta")
        {
            guard let audio = Base64.decode(payload) else { throw JSONError("audio delta is not base64") }
            let part = OutputPart(
                responseID: shallow.string("response_id") ?? "", itemID: shallow.string("item_id") ?? "",
                contentIndex: shallow.integer("content_index") ?? 0)
            self = .audioDelta(part, audio: audio)
            return
        }
        let event = try JSONValue(parsing: text)
        guard let type = event["type"]?.string else { throw JSONError("event without a type") }
        self = try Self.decode(dialect.eventNames[type] ?? type, event)
        if dialect.codeIsType, case .error(var error) = self, error.code == nil {
            error.code = error.type
            self = .error(error)
        }
    }

    private static func isAudioDelta(_ event: ShallowObject, _ dialect: RealtimeDialect) -> Bool {
        event.equals("type", "response.output_audio.delta")
            || (dialect.hasOldNames && event.equals("type", "response.audio.delta"))
    }

    private static func decode(_ type: String, _ event: JSONValue) throws(JSONError) -> Self {
        let itemID = event["item_id"]?.string ?? ""
        let part = OutputPart(
            responseID: event["response_id"]?.string ?? "", itemID: itemID,
            contentIndex: event["content_index"]?.integer ?? 0)
        let delta = event["delta"]?.string ?? ""
        switch type {
        case "session.created": return .sessionCreated(SessionSummary(event["session"]))
        case "session.updated": return .sessionUpdated(SessionSummary(event["session"]))
        case "input_audio_buffer.speech_started":
            return .speechStarted(itemID: itemID, audioStartMs: event["audio_start_ms"]?.integer ?? 0)
        case "input_audio_buffer.speech_stopped":
            return .speechStopped(itemID: itemID, audioEndMs: event["audio_end_ms"]?.integer ?? 0)
        case "input_audio_buffer.committed":
            return .inputAudioCommitted(itemID: itemID, previousItemID: event["previous_item_id"]?.string)
        case "input_audio_buffer.cleared": return .inputAudioCleared
        case "conversation.item.added", "conversation.item.created":
            return .itemAdded(ItemSummary(event["item"], previous: event["previous_item_id"]?.string))
        case "conversation.item.done":
            return .itemDone(ItemSummary(event["item"], previous: event["previous_item_id"]?.string))
        case "conversation.item.truncated":
            return .itemTruncated(itemID: itemID, audioEndMs: event["audio_end_ms"]?.integer ?? 0)
        case "conversation.item.deleted": return .itemDeleted(itemID: itemID)
        case "conversation.item.input_audio_transcription.delta":
            return .inputTranscriptDelta(itemID: itemID, text: delta)
        case "conversation.item.input_audio_transcription.completed":
            return .inputTranscriptDone(itemID: itemID, text: event["transcript"]?.string ?? "")
        case "conversation.item.input_audio_transcription.failed":
            return .inputTranscriptFailed(itemID: itemID, RealtimeError(event["error"]))
        case "response.created":
            let response = event["response"]
            return .responseCreated(id: response?["id"]?.string ?? "", metadata: Self.metadata(response))
        case "response.output_item.added":
            return .outputItemAdded(responseID: part.responseID, ItemSummary(event["item"], previous: nil))
        case "response.output_item.done":
            return .outputItemDone(responseID: part.responseID, ItemSummary(event["item"], previous: nil))
        case "response.output_audio.delta":
            guard let audio = Base64.decode(delta) else { throw JSONError("audio delta is not base64") }
            return .audioDelta(part, audio: audio)
        case "response.output_audio.done": return .audioDone(part)
        case "response.output_audio_transcript.delta": return .transcriptDelta(part, text: delta)
        case "response.output_audio_transcript.done":
            return .transcriptDone(part, text: event["transcript"]?.string ?? "")
        case "response.output_text.delta": return .textDelta(part, text: delta)
        case "response.output_text.done": return .textDone(part, text: event["text"]?.string ?? "")
        case "response.done": return .responseDone(ResponseSummary(event["response"]))
        case "error": return .error(RealtimeError(event["error"]))
        default: return .other(type: type)
        }
    }

    fileprivate static func metadata(_ response: JSONValue?) -> [String: String] {
        (response?["metadata"]?.object ?? [:]).compactMapValues(\.string)
    }
}

extension SessionSummary {
    init(_ session: JSONValue?) {
        let voice = session?["audio"]?["output"]?["voice"] ?? session?["voice"]
        self.init(
            id: session?["id"]?.string ?? "", voice: voice?.string ?? voice?["id"]?.string,
            expiresAt: session?["expires_at"]?.integer)
    }
}

extension ItemSummary {
    init(_ item: JSONValue?, previous: String?) {
        self.init(
            id: item?["id"]?.string ?? "", previousItemID: previous, type: item?["type"]?.string ?? "message",
            role: item?["role"]?.string, status: item?["status"]?.string)
    }
}

extension ResponseSummary {
    init(_ response: JSONValue?) {
        let details = response?["status_details"]
        let failure = details?["error"].flatMap { $0.isNull ? nil : RealtimeError($0) }
        self.init(
            id: response?["id"]?.string ?? "",
            // A status that we do not know is an end all the same: waiting for a better one would hang the turn.
            status: Status(rawValue: response?["status"]?.string ?? "") ?? .completed,
            reason: details?["reason"]?.string, error: failure, metadata: RealtimeServerEvent.metadata(response),
            usage: TokenUsage(response?["usage"]))
    }
}

extension RealtimeError {
    /// Some servers send a bare string where OpenAI sends an object.
    public init(_ body: JSONValue?) {
        self.init(
            type: body?["type"]?.string ?? "server_error", code: body?["code"]?.string,
            message: body?["message"]?.string ?? body?.string ?? "", param: body?["param"]?.string,
            eventID: body?["event_id"]?.string)
    }
}
