import JSON

extension FaultRule {
    private static let keys: Set = [
        "method", "path", "answer", "wait", "bytes", "skip", "times", "applied", "effect_after", "retry_after",
        "headers",
        "body",
    ]

    /// - Parameter document: such as `{"method": "POST", "path": "/v2/personas", "answer": 429, "retry_after": 7, "times": 2}`;
    ///   `answer` is a status, `hang`, `close`, `garbage` or `oversized`, and `wait` alone delays the right answer.
    public init(_ document: JSONValue) throws(ProviderDoubleError) {
        guard let members = document.object else { throw Self.fault("a rule is an object") }
        if let key = members.keys.sorted().first(where: { !Self.keys.contains($0) }) {
            throw Self.fault("\(key): a rule has \(Self.keys.sorted().joined(separator: ", "))")
        }
        guard let path = members["path"]?.string, path.hasPrefix("/") || path == "*" else {
            throw Self.fault("path: a path such as /v2/personas, or the beginning of one and *")
        }
        self.init(
            pattern: RequestPattern(method: members["method"]?.string, path: path), action: try Self.action(members))
        self.skip = try Self.count(members, "skip") ?? 0
        self.times = try Self.count(members, "times")
        // A delayed answer is the right one, so the request is carried out.
        if case .wait = self.action {
            self.isApplied = true
        } else {
            self.isApplied = members["applied"]?.bool ?? false
        }
        self.effectAfter = try Self.effect(members, self.isApplied)
        self.headers = try Self.headers(members)
        self.body = members["body"]
    }

    private static func action(_ members: [String: JSONValue]) throws(ProviderDoubleError) -> Action {
        let bytes = try self.count(members, "bytes")
        switch members["answer"] {
        case .integer(let status)? where (200...599).contains(status): return .status(status)
        case "hang": return .hang
        case "close": return .close
        case "garbage": return .garbage
        case "oversized": return .oversized(bytes: min(bytes ?? 16 << 20, 256 << 20))
        case nil:
            guard let seconds = members["wait"]?.double, (0...3_600).contains(seconds) else {
                throw self.fault("say an answer, or wait with 0 to 3600 seconds")
            }
            return .wait(seconds: seconds)
        default: throw self.fault("answer: 200 to 599, hang, close, garbage or oversized")
        }
    }

    private static func count(_ members: [String: JSONValue], _ key: String) throws(ProviderDoubleError) -> Int? {
        guard let value = members[key] else { return nil }
        guard let count = value.integer, count >= 0 else { throw self.fault("\(key): \(value.text) is no count") }
        return count
    }

    private static func effect(
        _ members: [String: JSONValue], _ isApplied: Bool
    ) throws(ProviderDoubleError) -> Double? {
        guard let value = members["effect_after"] else { return nil }
        guard !isApplied, let seconds = value.double, (0...3_600).contains(seconds) else {
            throw self.fault("effect_after: 0 to 3600 seconds, with an answer that is not the right one")
        }
        return seconds
    }

    private static func headers(_ members: [String: JSONValue]) throws(ProviderDoubleError) -> [String: String] {
        var headers: [String: String] = [:]
        for (name, value) in members["headers"]?.object ?? [:] {
            guard let text = value.string else { throw self.fault("headers: \(name) is no text") }
            headers[name.lowercased()] = text
        }
        if let seconds = members["retry_after"] { headers["retry-after"] = seconds.string ?? seconds.text }
        return headers
    }

    private static func fault(_ text: String) -> ProviderDoubleError { ProviderDoubleError("fault", text) }

    /// What is left of it, in the words it is written in.
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "path": .string(self.pattern.path), "skip": .integer(self.skip), "applied": .bool(self.isApplied),
            "answer": .string(self.name),
        ]
        members["method"] = self.pattern.method.map { .string($0) }
        members["times"] = self.times.map { .integer($0) }
        return .object(members)
    }
}
