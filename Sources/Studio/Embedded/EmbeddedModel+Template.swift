import JSON

extension EmbeddedModel {
    /// Template data out of a document's own words: its title, its lines of the form `Role: …`, and the words that tell
    /// the archetype.
    func templateData(_ document: String, name: String) -> [String: JSONValue] {
        let reading = DocumentReading(document)
        let title = reading.title ?? (name.isBlank ? "Scenario" : name)
        let classification = ArchetypeClassification(counting: document)
        var person = reading.person
        Self.complete(&person, reading, Archetype(in: classification.primary))
        return [
            "general_info": [
                "title": .string(title), "domain": .string(reading.domain),
                "purpose": .string(reading.value("purpose", "objective", "goal") ?? "Practise this conversation"),
            ],
            "context_overview": [
                "scenario_title": .string(title), "setting": .string(reading.value("setting", "place") ?? ""),
                "situation": .string(reading.situation),
                "learner_role": .string(reading.value("learner role", "learner", "trainee", "your role") ?? "Learner"),
            ],
            "archetype_classification": classification.json,
            "persona_definitions": [
                GenerationMode.assess.definitionKey: .object(person),
                GenerationMode.learn.definitionKey: [
                    "role": .string("Trainer for \(reading.domain)"), "name": "Trainer",
                    "description": .string("Teaches how to master this: \(title)"),
                ],
            ],
            "generation_metadata": ["generated_by": .string(Self.name), "fallback": false],
        ]
    }

    private static func complete(
        _ person: inout [String: JSONValue], _ reading: DocumentReading, _ archetype: Archetype?
    ) {
        if person["role"] == nil { person["role"] = .string(reading.guessedRole) }
        if person["description"] == nil { person["description"] = .string(reading.situation) }
        switch archetype {
        case .persuasion:
            person["current_position"] = .string(reading.value("current position", "position") ?? "Content as it is")
            person["satisfaction_level"] = "Moderate"
            person["decision_criteria"] = .array(reading.list("decision criteria", "criteria").map { .string($0) })
            person["objection_library"] = .array(reading.list("objections", "objection").map { .string($0) })
        case .confrontation:
            person["sub_type"] = .string(ArchetypeClassification(counting: reading.text).subType)
            person["power_dynamics"] = .string(reading.value("power dynamics", "power") ?? "Unequal")
            person["emotional_state"] = .string(reading.value("emotional state", "emotion") ?? "Hurt and guarded")
        case .helpSeeking:
            person["problem_description"] = .string(reading.value("problem", "concern") ?? reading.situation)
            person["urgency_level"] = .string(reading.value("urgency") ?? "Moderate")
        case .investigation, .negotiation, nil: break
        }
    }
}

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

    /// A line of the form `Role: Gynecologist`: what stands before the colon is short.
    private static func field(_ line: String) -> (key: String, value: String)? {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let key = line[..<colon].lowercased().filter { $0 != "*" }.trimmed
        let value = line[line.index(after: colon)...].filter { $0 != "*" }.trimmed
        return key.count <= 30 && !value.isEmpty ? (key, value) : nil
    }

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
