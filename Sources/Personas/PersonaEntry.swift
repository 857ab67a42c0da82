import JSON

/// Reads the members of one entry; every complaint names its key.
struct PersonaEntry {
    let members: [String: JSONValue]

    /// Missing and `null` are the same.
    func value(_ key: String) -> JSONValue? {
        self.members[key].flatMap { $0.isNull ? nil : $0 }
    }

    /// - Parameter limit: in Unicode scalars.
    func text(_ key: String, limit: Int) throws(PersonaProblem) -> String? {
        guard let value = self.value(key) else { return nil }
        guard let text = value.string else { throw PersonaProblem("\(key) must be a string") }
        guard text.unicodeScalars.count <= limit else {
            throw PersonaProblem("\(key) of \(text.unicodeScalars.count) characters exceeds \(limit)")
        }
        return text
    }

    func required(_ key: String, limit: Int) throws(PersonaProblem) -> String {
        guard let text = try self.text(key, limit: limit), text.contains(where: { !$0.isWhitespace }) else {
            throw PersonaProblem("\(key) is missing or empty")
        }
        return text
    }

    func texts(_ key: String, maxCount: Int, limit: Int) throws(PersonaProblem) -> [String] {
        guard let value = self.value(key) else { return [] }
        guard let values = value.array else { throw PersonaProblem("\(key) must be an array of strings") }
        guard values.count <= maxCount else {
            throw PersonaProblem("\(key) has \(values.count) entries, \(maxCount) are allowed")
        }
        var texts: [String] = []
        for value in values {
            guard let text = value.string, !text.isEmpty, text.unicodeScalars.count <= limit else {
                throw PersonaProblem("\(key) must hold strings of 1 to \(limit) characters")
            }
            texts.append(text)
        }
        return texts
    }

    func object(_ key: String) throws(PersonaProblem) -> PersonaEntry? {
        guard let value = self.value(key) else { return nil }
        guard let members = value.object else { throw PersonaProblem("\(key) must be an object") }
        return PersonaEntry(members: members)
    }
}
