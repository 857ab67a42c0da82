import JSON

extension Persona {
    // Prompts of this length cost seconds before the first word.
    private static let maxPromptCharacters = 24_000
    // A minute of speech: who greets for longer is not heard out.
    private static let maxGreetingCharacters = 1_000

    /// Reads one entry of a persona file.
    public init(_ members: [String: JSONValue], kind: PersonaKind) throws(PersonaProblem) {
        let entry = PersonaEntry(members: members)
        self.document = members
        self.kind = kind
        self.id = try Self.id(entry, kind)
        self.name = try entry.required("name", limit: 200)
        self.field = try entry.required(kind == .astrologer ? "speciality" : "title", limit: 200)
        self.systemPrompt = try entry.required("system_prompt", limit: Self.maxPromptCharacters)
        self.greeting = try entry.text("greeting", limit: Self.maxGreetingCharacters)
        self.card = try entry.text("persona", limit: 2_000) ?? ""
        self.keywords = try entry.texts("expertise_keywords", maxCount: 100, limit: 100)
        self.questions = try entry.texts("questions", maxCount: 50, limit: 500)
        self.steerBack = try entry.text("steer_back", limit: 1_000)
        self.status = try entry.text("status", limit: 50) ?? "active"
        self.tone = try entry.text("tone", limit: 200) ?? "professional"
        self.voiceID = try entry.text("voice_id", limit: 100)
        self.language = try Self.language(entry)
        self.gender = try Self.gender(entry)
        self.consultationStyle = try ConsultationStyle(entry.object("consultation_style"))
        self.pricing = try entry.object("pricing").map { (entry) throws(PersonaProblem) in try Pricing(entry) }
        self.availability = try Self.availability(entry.object("availability"))
        self.modes = try Self.modes(entry.object("modes"))
    }

    /// The id that an entry claims, whatever else is wrong with it.
    static func claimedID(_ members: [String: JSONValue], kind: PersonaKind) -> String? {
        (members[self.idKey(kind)] ?? members["id"])?.string
    }

    private static func idKey(_ kind: PersonaKind) -> String {
        switch kind {
        case .astrologer: "astrologer_id"
        case .scenario: "scenario_id"
        case .generated, .provider, .role, .self: "persona_id"
        }
    }

    private static func id(_ entry: PersonaEntry, _ kind: PersonaKind) throws(PersonaProblem) -> PersonaID {
        guard let text = self.claimedID(entry.members, kind: kind) else {
            throw PersonaProblem("\(self.idKey(kind)) is missing")
        }
        guard let id = PersonaID(text) else {
            throw PersonaProblem("\(self.idKey(kind)) must have 1 to 128 characters of A-Z a-z 0-9 . _ : -")
        }
        return id
    }

    private static func language(_ entry: PersonaEntry) throws(PersonaProblem) -> Language {
        let word = try entry.required("language", limit: 40)
        guard let language = Language(authored: word) else {
            throw PersonaProblem("language \"\(word)\" is neither a known name such as Hindi nor a tag such as hi-IN")
        }
        return language
    }

    private static func gender(_ entry: PersonaEntry) throws(PersonaProblem) -> Gender? {
        guard let word = try entry.text("gender", limit: 40) else { return nil }
        guard let gender = Gender(authored: word) else {
            throw PersonaProblem("gender \"\(word)\" is neither Female nor Male; leave it out where neither fits")
        }
        return gender
    }

    private static func availability(_ entry: PersonaEntry?) throws(PersonaProblem) -> Availability? {
        guard let entry else { return nil }
        return try Availability(
            timeZone: entry.required("timezone", limit: 100), hours: entry.required("hours", limit: 40))
    }

    private static func modes(_ entry: PersonaEntry?) throws(PersonaProblem) -> [String: Mode] {
        var modes: [String: Mode] = [:]
        for name in (entry?.members ?? [:]).keys.sorted() {
            guard let mode = try entry?.object(name) else { continue }
            modes[name] = Mode(
                systemPrompt: try mode.text("system_prompt", limit: self.maxPromptCharacters),
                greeting: try mode.text("greeting", limit: self.maxGreetingCharacters))
        }
        return modes
    }
}

extension Persona.ConsultationStyle {
    init(_ entry: PersonaEntry?) throws(PersonaProblem) {
        self.questionFrequency = try Self.degree(entry, "question_frequency", [.low, .medium, .high])
        self.responseLength = try Self.degree(entry, "response_length", [.short, .medium, .long])
        guard let examples = entry?.value("use_examples") else { return }
        guard let usesExamples = examples.bool else {
            throw PersonaProblem("consultation_style.use_examples must be true or false")
        }
        self.usesExamples = usesExamples
    }

    private static func degree(
        _ entry: PersonaEntry?, _ key: String, _ allowed: [Degree]
    ) throws(PersonaProblem) -> Degree? {
        guard let word = try entry?.text(key, limit: 40) else { return nil }
        guard let degree = Degree(rawValue: word.lowercased()), allowed.contains(degree) else {
            let words = allowed.map(\.rawValue).joined(separator: ", ")
            throw PersonaProblem("consultation_style.\(key) \"\(word)\" is none of \(words)")
        }
        return degree
    }
}

extension Persona.Pricing {
    init(_ entry: PersonaEntry) throws(PersonaProblem) {
        guard let price = entry.value("per_minute")?.double, price >= 0, price.isFinite else {
            throw PersonaProblem("pricing.per_minute must be a number from 0")
        }
        let currency = try entry.required("currency", limit: 3)
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw PersonaProblem("pricing.currency \"\(currency)\" is no ISO 4217 code such as INR")
        }
        self.perMinute = price
        self.currency = currency
    }
}
