import JSON

/// A function that a model may call, as both of its usual forms: flat, or inside `{"type": "function", "function": …}`.
public struct FunctionTool: Sendable, Equatable {
    public let name: String
    public let description: String
    /// A JSON Schema of type `object`.
    public let parameters: [String: JSONValue]

    public static let maxName = 64
    public static let maxDescription = 1_024
    private static let maxDepth = 8
    private static let types: Set<String> = ["object", "array", "string", "number", "integer", "boolean", "null"]

    /// - Throws: everything that is wrong, with the names of fields as the client wrote them.
    public init(_ value: JSONValue) throws(InvalidInput) {
        let violations = Self.violations(in: value, "")
        guard violations.isEmpty else { throw InvalidInput(violations) }
        let members = Self.function(in: value) ?? [:]
        self.name = members["name"]?.string ?? ""
        self.description = members["description"]?.string ?? ""
        self.parameters = members["parameters"]?.object ?? ["type": "object", "properties": [:]]
    }

    /// As a layer keeps it.
    public var json: JSONValue {
        [
            "type": "function",
            "function": [
                "name": .string(self.name), "description": .string(self.description),
                "parameters": .object(self.parameters),
            ],
        ]
    }

    private static func function(in value: JSONValue) -> [String: JSONValue]? {
        guard let inner = value["function"], !inner.isNull else { return value.object }
        return inner.object
    }

    /// The name of a tool of either form.
    public static func name(of value: JSONValue) -> String? { self.function(in: value)?["name"]?.string }

    static func violations(inList value: JSONValue, _ field: String) -> [Violation] {
        guard let tools = value.array else { return [Violation(field, "must be an array of functions")] }
        var found: [Violation] = []
        if tools.count > LayerRules.maxTools {
            found.append(Violation(field, "has \(tools.count) members, and \(LayerRules.maxTools) is the most"))
        }
        for (index, tool) in tools.enumerated() { found += self.violations(in: tool, "\(field)[\(index)].") }
        return found
    }

    /// - Parameter prefix: what comes before the names of its members.
    private static func violations(in value: JSONValue, _ prefix: String) -> [Violation] {
        guard let members = self.function(in: value) else {
            return [Violation(prefix.isEmpty ? "function" : String(prefix.dropLast()), "must be an object")]
        }
        var found: [Violation] = []
        if let type = value["type"], !type.isNull, type.string != "function" {
            found.append(Violation(prefix + "type", "must be function"))
        }
        if !self.isName(members["name"]?.string) {
            found.append(
                Violation(prefix + "name", "is required: 1 to \(self.maxName) letters, digits, underscores and hyphens")
            )
        }
        if let description = members["description"], !description.isNull,
            description.string.map({ $0.unicodeScalars.count > self.maxDescription }) ?? true
        {
            found.append(
                Violation(prefix + "description", "must be a text of at most \(self.maxDescription) characters"))
        }
        guard let parameters = members["parameters"], !parameters.isNull else { return found }
        return found + self.violations(inParameters: parameters, prefix + "parameters")
    }

    private static func isName(_ text: String?) -> Bool {
        guard let text, (1...self.maxName).contains(text.utf8.count) else { return false }
        return text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x5F || byte == 0x2D
        }
    }

    private static func violations(inParameters value: JSONValue, _ field: String) -> [Violation] {
        guard let schema = value.object else { return [Violation(field, "must be an object")] }
        guard schema["type"] == nil || schema["type"] == "object" else {
            return [Violation(field + ".type", "must be object")]
        }
        return self.violations(inSchema: schema, field, depth: 1)
    }

    /// What models read of a JSON Schema: types, properties, items and what is required.
    private static func violations(
        inSchema schema: [String: JSONValue], _ field: String, depth: Int
    ) -> [Violation] {
        guard depth <= self.maxDepth else { return [Violation(field, "is nested deeper than \(self.maxDepth)")] }
        var found: [Violation] = []
        if let type = schema["type"] {
            let names = type.array?.map(\.string) ?? [type.string]
            if names.isEmpty || !names.allSatisfy({ $0.map { self.types.contains($0) } ?? false }) {
                found.append(Violation(field + ".type", "must be a type of JSON Schema"))
            }
        }
        found += self.violations(inProperties: schema, field, depth)
        if let items = schema["items"] {
            if let inner = items.object {
                found += self.violations(inSchema: inner, field + ".items", depth: depth + 1)
            } else {
                found.append(Violation(field + ".items", "must be an object"))
            }
        }
        return found
    }

    private static func violations(
        inProperties schema: [String: JSONValue], _ field: String, _ depth: Int
    ) -> [Violation] {
        var found: [Violation] = []
        let properties = schema["properties"]?.object
        if schema["properties"] != nil, properties == nil {
            found.append(Violation(field + ".properties", "must be an object"))
        }
        for (name, value) in (properties ?? [:]).sorted(by: { $0.key < $1.key }) {
            let inner = "\(field).properties.\(name.prefix(64))"
            guard let property = value.object else {
                found.append(Violation(inner, "must be an object"))
                continue
            }
            found += self.violations(inSchema: property, inner, depth: depth + 1)
        }
        guard let required = schema["required"] else { return found }
        let isSound = required.array?.allSatisfy { $0.string != nil } ?? false
        if !isSound { found.append(Violation(field + ".required", "must be an array of names of properties")) }
        return found
    }
}
