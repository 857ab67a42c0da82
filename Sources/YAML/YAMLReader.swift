import JSON

/// Reads one YAML document, with the line of everything in it, for files that people write. JSON is YAML.
///
/// Less than YAML allows, on purpose: no anchors and aliases (nine lines of them make a billion values), no tags, no second
/// document, names that are text and occur once. What it takes is bounded by its limits.
public struct YAMLReader {
    /// What one document may be.
    public struct Limits: Sendable, Equatable {
        public var maxBytes = 1 << 20
        /// Mappings and sequences within one another.
        public var maxDepth = 32
        /// Scalars, sequences and mappings.
        public var maxNodes = 50_000

        public init() {}
    }

    private let limits: Limits
    private var events: YAMLEvents
    private var nodes = 0

    /// - Parameter text: UTF-8, with or without a byte order mark.
    /// - Throws: `YAMLError` with the line where the text is not well-formed, or not taken.
    public static func read(_ text: [UInt8], limits: Limits = Limits()) throws(YAMLError) -> YAMLNode {
        guard text.count <= limits.maxBytes else {
            throw YAMLError(line: 1, "\(text.count) bytes exceed the limit of \(limits.maxBytes)")
        }
        // libyaml refuses a surrogate or an overlong form too, but counts lines only as far as it has decoded.
        guard String(validating: text, as: UTF8.self) != nil else { throw YAMLError(line: 1, "the text is not UTF-8") }
        return try YAMLEvents.reading(text) { (events) throws(YAMLError) in
            var reader = YAMLReader(limits: limits, events: events)
            return try reader.document()
        }
    }

    private init(limits: Limits, events: YAMLEvents) {
        self.limits = limits
        self.events = events
    }

    private mutating func document() throws(YAMLError) -> YAMLNode {
        var event = try self.events.next()
        while event == .streamStart || event == .documentStart { event = try self.events.next() }
        guard event != .streamEnd else { throw YAMLError(line: 1, "the document is empty") }
        let root = try self.node(event, depth: 0)
        guard try self.events.next() == .documentEnd, try self.events.next() == .streamEnd else {
            throw YAMLError(line: self.events.line, "a second document begins")
        }
        return root
    }

    private mutating func node(_ event: YAMLEvents.Event, depth: Int) throws(YAMLError) -> YAMLNode {
        let line = self.events.line
        self.nodes += 1
        guard self.nodes <= self.limits.maxNodes else {
            throw YAMLError(line: line, "more than \(self.limits.maxNodes) values")
        }
        switch event {
        case .scalar(let text, let isPlain):
            return YAMLNode(line: line, content: .scalar(isPlain ? YAMLScalar.value(of: text) : .string(text)))
        case .sequenceStart: return YAMLNode(line: line, content: .sequence(try self.sequence(depth: depth + 1)))
        case .mappingStart: return YAMLNode(line: line, content: .mapping(try self.mapping(depth: depth + 1)))
        default: throw YAMLError(line: line, "a value is missing")
        }
    }

    private mutating func sequence(depth: Int) throws(YAMLError) -> [YAMLNode] {
        try self.check(depth)
        var nodes: [YAMLNode] = []
        while true {
            let event = try self.events.next()
            guard event != .sequenceEnd else { return nodes }
            nodes.append(try self.node(event, depth: depth))
        }
    }

    private mutating func mapping(depth: Int) throws(YAMLError) -> [YAMLNode.Member] {
        try self.check(depth)
        var members: [YAMLNode.Member] = []
        var names: Set<String> = []
        while true {
            let event = try self.events.next()
            let line = self.events.line
            guard event != .mappingEnd else { return members }
            guard case .scalar(let name, _) = event else { throw YAMLError(line: line, "a name is not text") }
            guard names.insert(name).inserted else {
                throw YAMLError(line: line, "\"\(name.prefix(64))\" occurs twice")
            }
            let value = try self.node(try self.events.next(), depth: depth)
            members.append(YAMLNode.Member(name: name, line: line, value: value))
        }
    }

    private func check(_ depth: Int) throws(YAMLError) {
        guard depth <= self.limits.maxDepth else {
            throw YAMLError(line: self.events.line, "nested deeper than \(self.limits.maxDepth) levels")
        }
    }
}
