import JSON
import RealtimeProtocol

extension ClientEvent {
    private static let types = [
        "session.update", "input_audio_buffer.append", "input_audio_buffer.commit", "input_audio_buffer.clear",
        "conversation.item.create", "conversation.item.retrieve", "conversation.item.truncate",
        "conversation.item.delete", "response.create", "response.cancel",
    ]

    /// Reads one event. Errors name the field at fault, and the event's own id where it has one.
    static func decode(_ text: UnsafeRawBufferPointer) -> (event: Result<ClientEvent, RealtimeError>, id: String?) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: text)
        } catch {
            return (.failure(.refusal("invalid_event", "The event is \(error.description).")), nil)
        }
        guard json.object != nil else {
            return (.failure(.refusal("invalid_event", "The event is not a JSON object.")), nil)
        }
        let id = json["event_id"]?.string
        let isUsable = id.map { $0.utf8.count <= 512 } ?? true
        return (Result { () throws(RealtimeError) in try ClientEvent(json) }, isUsable ? id : nil)
    }

    init(_ json: JSONValue) throws(RealtimeError) {
        let fields = try Fields(json, "")
        _ = try fields.nullableString("event_id", maxLength: 512)
        guard fields["type"] != nil else {
            throw .refusal("invalid_event", "Missing required parameter: 'type'.", param: "type")
        }
        switch try fields.requiredChoice("type", of: Self.types) {
        case "session.update": self = try Self.updateSession(fields)
        case "input_audio_buffer.append": self = try Self.appendAudio(fields)
        case "input_audio_buffer.commit": self = try Self.bare(.commitAudio, fields)
        case "input_audio_buffer.clear": self = try Self.bare(.clearAudio, fields)
        case "conversation.item.create": self = try Self.createItem(fields)
        case "conversation.item.retrieve": self = .retrieveItem(try Self.itemID(fields))
        case "conversation.item.truncate": self = try Self.truncateItem(fields)
        case "conversation.item.delete": self = .deleteItem(try Self.itemID(fields))
        case "response.create": self = try Self.createResponse(fields)
        default: self = try Self.cancelResponse(fields)
        }
    }

    private static func bare(_ event: ClientEvent, _ fields: Fields) throws(RealtimeError) -> ClientEvent {
        try fields.allow("type", "event_id")
        return event
    }

    private static func updateSession(_ fields: Fields) throws(RealtimeError) -> ClientEvent {
        try fields.allow("type", "event_id", "session")
        guard let session = fields["session"] else { throw .missing("session") }
        return .updateSession(session)
    }

    private static func appendAudio(_ fields: Fields) throws(RealtimeError) -> ClientEvent {
        try fields.allow("type", "event_id", "audio")
        guard let audio = Base64.decode(try fields.requiredString("audio")) else { throw .notBase64("audio") }
        return .appendAudio(audio)
    }

    private static func itemID(_ fields: Fields) throws(RealtimeError) -> String {
        try fields.allow("type", "event_id", "item_id")
        return try fields.requiredString("item_id")
    }

    private static func truncateItem(_ fields: Fields) throws(RealtimeError) -> ClientEvent {
        try fields.allow("type", "event_id", "item_id", "content_index", "audio_end_ms")
        return .truncateItem(
            try fields.requiredString("item_id"), contentIndex: try fields.requiredInteger("content_index", in: 0...63),
            audioEndMs: try fields.requiredInteger("audio_end_ms", in: 0...86_400_000))
    }

    private static func createItem(_ fields: Fields) throws(RealtimeError) -> ClientEvent {
        try fields.allow("type", "event_id", "item", "previous_item_id")
        guard let item = fields["item"] else { throw .missing("item") }
        let place: Conversation.Place =
            switch try fields.nullableString("previous_item_id") {
            case nil: .end
            case "root": .start
            case .some(let id): .after(id)
            }
        return .createItem(try NewItem(item, "item"), at: place)
    }

    private static func createResponse(_ fields: Fields) throws(RealtimeError) -> ClientEvent {
        try fields.allow("type", "event_id", "response")
        guard !fields.isNull("response"), let response = try fields.object("response") else {
            return .createResponse(ResponseOptions())
        }
        return .createResponse(try ResponseOptions(response))
    }

    private static func cancelResponse(_ fields: Fields) throws(RealtimeError) -> ClientEvent {
        try fields.allow("type", "event_id", "response_id")
        return .cancelResponse(try fields.nullableString("response_id"))
    }
}

extension RealtimeError {
    static func notBase64(_ param: String) -> RealtimeError {
        .refusal("invalid_value", "Invalid '\(param)': expected base64-encoded audio bytes.", param: param)
    }
}
