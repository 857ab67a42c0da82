import JSON

/// An event for the client, in the GA shape of the protocol; its `event_id` is added when it is sent.
struct ServerEvent: Sendable, Equatable {
    let type: String
    var fields: [String: JSONValue]

    init(_ type: String, _ fields: [String: JSONValue] = [:]) {
        self.type = type
        self.fields = fields
    }

    func encoded(eventID: String) -> [UInt8] {
        var members = self.fields
        members["type"] = .string(self.type)
        members["event_id"] = .string(eventID)
        return JSONValue.object(members).encoded
    }
}
