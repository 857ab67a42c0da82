import JSON
import RealtimeProtocol

extension ClientEvent.NewItem {
    private static let maxIDLength = 32
    static let types = ["message", "function_call", "function_call_output", "force_message"]

    init(_ value: JSONValue, _ path: String) throws(RealtimeError) {
        let fields = try Fields(value, path)
        try fields.allow("id", "object", "type", "status", "role", "content", "call_id", "name", "arguments", "output")
        self.id = try fields.nullableString("id", maxLength: Self.maxIDLength)
        if self.id == "" { self.id = nil }
        _ = try fields.nullableString("status")
        switch try fields.requiredChoice("type", of: Self.types) {
        case "message": self.body = .item(try Self.message(fields))
        case "function_call": self.body = .item(try Self.functionCall(fields))
        case "function_call_output": self.body = .item(try Self.functionOutput(fields))
        default: self.body = .forceMessage(try Self.forceMessage(fields))
        }
    }

    private static func functionCall(_ fields: Fields) throws(RealtimeError) -> ConversationItem.Body {
        .functionCall(
            callID: try fields.requiredString("call_id", maxLength: Self.maxIDLength),
            name: try fields.requiredString("name", maxLength: 64), arguments: try fields.requiredString("arguments"))
    }

    private static func functionOutput(_ fields: Fields) throws(RealtimeError) -> ConversationItem.Body {
        .functionOutput(
            callID: try fields.requiredString("call_id", maxLength: Self.maxIDLength),
            output: try fields.requiredString("output"))
    }

    /// The texts of its parts, one after the other.
    private static func forceMessage(_ fields: Fields) throws(RealtimeError) -> String {
        _ = try fields.choice("role", of: ["assistant"])
        var text = ""
        for part in try Self.parts(fields) {
            _ = try part.requiredChoice("type", of: ["output_text"])
            text += try part.requiredString("text", maxLength: ReplyWriter.maxLength)
        }
        guard text.unicodeScalars.count <= ReplyWriter.maxLength else {
            throw .tooLong(fields.path("content"), limit: ReplyWriter.maxLength, actual: text.unicodeScalars.count)
        }
        return text
    }

    private static func message(_ fields: Fields) throws(RealtimeError) -> ConversationItem.Body {
        let role = try fields.requiredChoice("role", of: ConversationItem.Role.allCases.map(\.rawValue))
        var content: [ConversationItem.Content] = []
        for part in try Self.parts(fields) {
            switch role {
            case "system": content.append(try Self.systemContent(part))
            case "user": content.append(try Self.userContent(part))
            default: content.append(try Self.assistantContent(part))
            }
        }
        return .message(ConversationItem.Role(rawValue: role) ?? .user, content)
    }

    private static func parts(_ fields: Fields) throws(RealtimeError) -> [Fields] {
        guard let content = try fields.array("content", maxCount: 64) else { throw .missing(fields.path("content")) }
        var parts: [Fields] = []
        for (index, part) in content.enumerated() {
            parts.append(try Fields(part, "\(fields.path("content"))[\(index)]"))
        }
        return parts
    }

    private static func systemContent(_ part: Fields) throws(RealtimeError) -> ConversationItem.Content {
        _ = try part.requiredChoice("type", of: ["input_text"])
        return .inputText(try part.requiredString("text"))
    }

    private static func userContent(_ part: Fields) throws(RealtimeError) -> ConversationItem.Content {
        switch try part.requiredChoice("type", of: ["input_text", "input_audio", "input_image"]) {
        case "input_text": return .inputText(try part.requiredString("text"))
        case "input_image": return .inputImage(url: try part.requiredString("image_url"))
        default:
            guard let audio = Base64.decode(try part.requiredString("audio")) else {
                throw .notBase64(part.path("audio"))
            }
            let transcript = try part.nullableString("transcript")
            return .inputAudio(.init(milliseconds: audio.count / 48, audio: audio, transcript: transcript))
        }
    }

    /// OpenAI takes no other content of an assistant than its words, and says so in this way.
    private static func assistantContent(_ part: Fields) throws(RealtimeError) -> ConversationItem.Content {
        _ = try part.requiredChoice("type", of: ["output_text", "output_audio"])
        return .outputText(try part.requiredString("text"))
    }
}
