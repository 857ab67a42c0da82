import JSON

/// Reads the members of an object, and says of each what is wrong with it and of the rest that nobody knows them.
struct ModelFields {
    private let path: String
    private let members: [String: JSONValue]
    private var known: Set<String> = []
    private var problems: [String] = []

    init(_ value: JSONValue, at path: String) {
        self.path = path
        self.members = value.object ?? [:]
        if value.object == nil { self.problems.append("\(path): an object is needed") }
    }

    /// All problems, once everything has been read.
    func finish() -> [String] {
        let unknown = self.members.keys.filter { !self.known.contains($0) }.sorted()
        return self.problems + unknown.map { "\(self.place(String($0.prefix(40)))): there is no such key" }
    }

    mutating func required(_ key: String) -> JSONValue? {
        self.known.insert(key)
        return self.members[key]
    }

    mutating func object(_ key: String) -> ModelFields? {
        self.required(key).map { ModelFields($0, at: self.place(key)) }
    }

    mutating func string(_ key: String) -> String? {
        guard let value = self.required(key) else { return nil }
        guard let text = value.string, !text.isEmpty, text.utf8.count <= 2_048 else {
            self.problems.append("\(self.place(key)): a text of 1 to 2048 bytes is needed")
            return nil
        }
        return text
    }

    mutating func requiredString(_ key: String) -> String? {
        if self.members[key] == nil { self.problems.append("\(self.place(key)): is missing") }
        return self.string(key)
    }

    mutating func bool(_ key: String) -> Bool? {
        guard let value = self.required(key) else { return nil }
        if value.bool == nil { self.problems.append("\(self.place(key)): true or false is needed") }
        return value.bool
    }

    mutating func integer(_ key: String, _ range: ClosedRange<Int>) -> Int? {
        guard let value = self.required(key) else { return nil }
        if let number = value.integer, range.contains(number) { return number }
        self.problems.append(
            "\(self.place(key)): a whole number from \(range.lowerBound) to \(range.upperBound) is needed")
        return nil
    }

    mutating func number(_ key: String, _ range: ClosedRange<Double>) -> Double? {
        guard let value = self.required(key) else { return nil }
        if let number = value.double, range.contains(number) { return number }
        self.problems.append("\(self.place(key)): a number from \(range.lowerBound) to \(range.upperBound) is needed")
        return nil
    }

    private func place(_ key: String) -> String { self.path.isEmpty ? key : "\(self.path).\(key)" }
}
