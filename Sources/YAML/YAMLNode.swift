import JSON

/// A value of a document, and the line that it begins on.
public struct YAMLNode: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
        /// Never an array or an object.
        case scalar(JSONValue)
        case sequence([YAMLNode])
        /// In the order of the document; no name occurs twice.
        case mapping([Member])
    }

    public struct Member: Sendable, Equatable {
        public let name: String
        /// Of the name.
        public let line: Int
        public let value: YAMLNode

        public init(name: String, line: Int, value: YAMLNode) {
            self.name = name
            self.line = line
            self.value = value
        }
    }

    /// From 1.
    public let line: Int
    public let content: Content

    public init(line: Int, content: Content) {
        self.line = line
        self.content = content
    }

    /// The same value without its lines.
    public var json: JSONValue {
        switch self.content {
        case .scalar(let value): value
        case .sequence(let nodes): .array(nodes.map(\.json))
        case .mapping(let members):
            .object(Dictionary(members.map { ($0.name, $0.value.json) }, uniquingKeysWith: { $1 }))
        }
    }

    /// A member of a mapping; nil where this is none or has no such name.
    public subscript(name: String) -> YAMLNode? {
        guard case .mapping(let members) = self.content else { return nil }
        return members.first { $0.name == name }?.value
    }
}
