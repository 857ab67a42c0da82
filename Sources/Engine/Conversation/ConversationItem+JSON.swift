import JSON

extension ConversationItem {
    /// The item as events carry it.
    ///
    /// - Parameter withAudio: only `conversation.item.retrieved` has audio in it.
    func json(withAudio: Bool = false) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(self.id), "object": "realtime.item", "status": .string(self.status.rawValue),
        ]
        switch self.body {
        case .message(let role, let content):
            members["type"] = "message"
            members["role"] = .string(role.rawValue)
            // The content of a model's item comes in its own events; until then there is none.
            members["content"] = .array(self.status == .inProgress ? [] : content.map { $0.json(withAudio: withAudio) })
        case .functionCall(let callID, let name, let arguments):
            members["type"] = "function_call"
            members["call_id"] = .string(callID)
            members["name"] = .string(name)
            members["arguments"] = .string(self.status == .inProgress ? "" : arguments)
        case .functionOutput(let callID, let output):
            members["type"] = "function_call_output"
            members["call_id"] = .string(callID)
            members["output"] = .string(output)
        }
        return .object(members)
    }
}

extension ConversationItem.Content {
    fileprivate func json(withAudio: Bool) -> JSONValue {
        switch self {
        case .inputText(let text): return ["type": "input_text", "text": .string(text)]
        case .outputText(let text): return ["type": "output_text", "text": .string(text)]
        case .inputImage(let url): return ["type": "input_image", "image_url": .string(url)]
        case .outputAudio(let transcript, _):
            return ["type": "output_audio", "transcript": transcript.map(JSONValue.string) ?? .null]
        case .inputAudio(let recording):
            var members: [String: JSONValue] = [
                "type": "input_audio", "transcript": recording.transcript.map(JSONValue.string) ?? .null,
            ]
            if withAudio, let audio = recording.audio {
                members["audio"] = .string(String(decoding: Base64.encode(audio), as: UTF8.self))
            }
            return .object(members)
        }
    }

    /// The content as `response.content_part` events carry it: their types have no `output_` in front.
    var partJSON: JSONValue {
        switch self {
        case .inputText(let text), .outputText(let text), .inputImage(let text):
            ["type": "text", "text": .string(text)]
        case .outputAudio(let transcript, _): ["type": "audio", "transcript": .string(transcript ?? "")]
        case .inputAudio(let recording): ["type": "audio", "transcript": .string(recording.transcript ?? "")]
        }
    }
}
