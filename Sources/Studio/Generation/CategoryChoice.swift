import JSON

/// Which categories of details a persona gets: what a model wants, held to the rules.
struct CategoryChoice: Sendable, Equatable {
    static let range = 3...8
    /// What every persona has something to say about.
    static let fallback = ["professional_context", "time_constraints", "decision_criteria"]

    var names: [String]
    /// Names that the library does not have.
    var unknown: [String] = []

    /// The array of names in a model's answer, fenced or with prose around it.
    ///
    /// - Returns: nil where there is none.
    static func parse(_ answer: String) -> [String]? {
        for start in answer.indices where answer[start] == "[" {
            guard let end = self.end(of: answer[start...]) else { return nil }
            if let names = (try? JSONValue(parsing: String(answer[start...end])))?.array?.compactMap(\.string),
                !names.isEmpty
            {
                return names
            }
        }
        return nil
    }

    /// The next `]`: names hold none, so an array of names ends there.
    private static func end(of text: Substring) -> Substring.Index? { text.firstIndex(of: "]") }

    /// - Parameter answer: nil where there was none; then the fallback stands exactly.
    init(_ answer: [String]?, library: CategoryLibrary, archetype: String) {
        guard let answer else {
            self.names = Self.fallback
            return
        }
        var names: [String] = []
        for name in answer.map({ $0.trimmed.lowercased() }) where !names.contains(name) {
            if library[name] != nil { names.append(name) } else { self.unknown.append(name) }
        }
        for name in Self.fallback where names.count < Self.range.lowerBound && !names.contains(name) {
            names.append(name)
        }
        self.names = Array(names.prefix(Self.range.upperBound))
        if Archetype(in: archetype) == .persuasion { self.require("decision_criteria") }
    }

    /// Takes the last place where all are taken.
    private mutating func require(_ name: String) {
        guard !self.names.contains(name) else { return }
        if self.names.count == Self.range.upperBound { self.names.removeLast() }
        self.names.append(name)
    }
}
