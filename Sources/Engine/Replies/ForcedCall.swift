import JSON

/// The function that a response has to call: the engine calls one only when `tool_choice` leaves it no choice.
struct ForcedCall: Sendable, Equatable {
    let name: String
    /// JSON text: every required parameter with the plainest value of its type.
    let arguments: String

    /// - Parameters:
    ///   - choice: `tool_choice`; `required` calls the first tool.
    ///   - tools: function tools as the session has them.
    init?(choice: JSONValue, tools: [JSONValue]) {
        let wanted = choice["name"]?.string
        guard wanted != nil || choice.string == "required" else { return nil }
        guard let tool = tools.first(where: { wanted == nil || $0["name"]?.string == wanted }),
            let name = tool["name"]?.string
        else { return nil }
        self.name = name
        self.arguments = Self.plainest(tool["parameters"] ?? .null, depth: 0).text
    }

    private static func plainest(_ schema: JSONValue, depth: Int) -> JSONValue {
        if let first = schema["enum"]?.array?.first { return first }
        switch schema["type"]?.string {
        case "string": return ""
        case "integer", "number": return schema["minimum"] ?? 0
        case "boolean": return false
        case "array": return []
        case "null": return .null
        default: return self.object(schema, depth: depth)
        }
    }

    private static func object(_ schema: JSONValue, depth: Int) -> JSONValue {
        guard depth < 8, let required = schema["required"]?.array else { return [:] }
        var members: [String: JSONValue] = [:]
        for key in required.compactMap(\.string) {
            members[key] = self.plainest(schema["properties"]?[key] ?? .null, depth: depth + 1)
        }
        return .object(members)
    }
}
