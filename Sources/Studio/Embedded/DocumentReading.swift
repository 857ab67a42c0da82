import JSON

/// What can be read off a document without understanding it.
struct DocumentReading {
    let text: String
    /// In order, without blanks and signs of Markdown at their ends.
    private let lines: [String]
    /// `Role: Gynecologist` as ("role", "Gynecologist"); the first of a name counts.
    private let values: [String: String]

    init(_ document: String) {
        self.text = document
        let marks = Set("#*_->• \t\r")
        self.lines = document.split(separator: "\n").map { line in
            var line = line.drop { marks.contains($0) }
            while let last = line.last, marks.contains(last) { line.removeLast() }
            return String(line)
        }.filter { !$0.isEmpty }
        var values: [String: String] = [:]
        for (key, value) in self.lines.compactMap(Self.field) where values[key] == nil { values[key] = value }
        self.values = values
    }

    /// A line of the form `Role: Gynecologist`, or a row of a table with two cells: what stands first is short.
    private static func field(_ line: String) -> (key: String, value: String)? {
        let sides = self.row(line) ?? line.split(separator: ":", maxSplits: 1).map { String($0) }
        guard sides.count == 2 else { return nil }
        let (key, value) = (self.plain(sides[0]).lowercased(), self.plain(sides[1]))
        return key.count <= 30 && !key.isEmpty && !value.isEmpty ? (key, value) : nil
    }

    /// The two cells of a row, which a tab divides or, in Markdown, a bar; the first may end with a colon.
    private static func row(_ line: String) -> [String]? {
        let cells = line.split { "\t|".contains($0) }.map(\.trimmed).filter { !$0.isEmpty }
        guard cells.count == 2, let colon = cells[0].firstIndex(of: ":") else { return cells.count == 2 ? cells : nil }
        return cells[0].index(after: colon) == cells[0].endIndex ? [String(cells[0].dropLast()), cells[1]] : nil
    }

    private static func plain(_ text: String) -> String { text.filter { $0 != "*" }.trimmed }

    func value(_ names: String...) -> String? { names.lazy.compactMap { self.values[$0] }.first }

    func list(_ names: String...) -> [String] {
        guard let text = names.lazy.compactMap({ self.values[$0] }).first else { return [] }
        return text.split { ",;".contains($0) }.map(\.trimmed).filter { !$0.isEmpty }
    }

    var title: String? {
        if let title = self.value("title", "scenario", "scenario title") { return String(title.prefix(200)) }
        return self.lines.first { $0.count <= 120 && Self.field($0) == nil }
    }

    var domain: String {
        if let domain = self.value("domain", "field", "industry") { return String(domain.prefix(100)) }
        let text = self.text.lowercased()
        return Self.domains.map { ($0.0, $0.1.count { text.containsWord($0) }) }.max { $0.1 < $1.1 }
            .flatMap { $0.1 > 0 ? $0.0 : nil } ?? "general"
    }

    private static let domains: [(String, [String])] = [
        ("pharmaceutical sales", ["pharma", "representative", "drug", "prescribe", "gynecologist"]),
        ("maternity care", ["maternity", "pregnant", "pregnancy", "delivery", "obstetric"]),
        ("workplace inclusion", ["dei", "inclusion", "bias", "remark", "diversity", "hr"]),
        ("car sales", ["car", "showroom", "test drive", "dealership"]),
        ("healthcare", ["patient", "doctor", "hospital", "clinic"]),
        ("banking", ["loan", "bank", "account", "insurance"]),
    ]

    /// The longest line that is a sentence, or what comes first.
    var situation: String {
        if let told = self.value("situation", "context", "background") { return String(told.prefix(600)) }
        let longest = self.lines.filter { Self.field($0) == nil }.max { $0.count < $1.count }
        return String((longest ?? self.lines.first ?? "").prefix(600))
    }

    /// What the lines say of the other person.
    var person: [String: JSONValue] {
        var person: [String: JSONValue] = [:]
        let texts = [
            ("name", ["name", "persona name", "character"]), ("role", ["role", "persona", "ai role", "bot role"]),
            ("gender", ["gender"]), ("description", ["description", "about"]),
            ("location", ["location", "city"]), ("current_situation", ["current situation", "currently"]),
        ]
        for (key, names) in texts {
            guard let value = names.lazy.compactMap({ self.values[$0] }).first else { continue }
            person[key] = .string(String(value.prefix(400)))
        }
        let age = self.value("age").flatMap { Int($0.prefix { $0.isNumber }) }
        if let age, (1...120).contains(age) { person["age"] = .integer(age) }
        return person
    }

    var guessedRole: String {
        let text = self.text.lowercased()
        let roles = [
            "gynecologist", "doctor", "patient", "buyer", "customer", "colleague", "manager", "employee", "parent",
            "student",
        ]
        return roles.first { text.containsWord($0) }?.sentenceStart ?? "Person"
    }
}
