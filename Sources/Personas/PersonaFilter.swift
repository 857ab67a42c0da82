/// Which personas a list shows; parts that are nil let everything through, but nobody inactive is shown unasked.
public struct PersonaFilter: Sendable, Equatable {
    public var kind: PersonaKind?
    /// By name or tag.
    public var language: String?
    public var gender: String?
    /// Exactly, but for case.
    public var speciality: String?
    /// Some words of it.
    public var specialityContains: String?
    /// A status, or `all`. nil shows the active ones.
    public var status: String?
    /// Anywhere in name, field, card or keywords.
    public var text: String?

    public init() {}

    public func includes(_ persona: Persona) -> Bool {
        self.includesKindAndStatus(persona) && self.includesLanguage(persona)
            && Self.equal(self.gender, persona.gender?.rawValue) && Self.equal(self.speciality, persona.field)
            && self.contains(self.specialityContains, [persona.field])
            && self.contains(self.text, [persona.name, persona.field, persona.card] + persona.keywords)
    }

    private func includesKindAndStatus(_ persona: Persona) -> Bool {
        guard self.kind == nil || self.kind == persona.kind else { return false }
        guard let status = self.status else { return persona.isActive }
        return status.lowercased() == "all" || Self.equal(status, persona.status)
    }

    private func includesLanguage(_ persona: Persona) -> Bool {
        Self.equal(self.language, persona.language.name) || Self.equal(self.language, persona.language.tag)
            || Self.equal(self.language, persona.language.primary)
    }

    private static func equal(_ wanted: String?, _ found: String?) -> Bool {
        guard let wanted else { return true }
        return wanted.lowercased() == found?.lowercased()
    }

    private func contains(_ wanted: String?, _ texts: [String]) -> Bool {
        guard let wanted = wanted.map(Self.folded) else { return true }
        return texts.contains { Self.folded($0).contains(wanted) }
    }

    private static func folded(_ text: String) -> String { KeywordMatcher.folded(text) }
}

extension PersonaCatalog {
    public func filtered(_ filter: PersonaFilter) -> [Persona] {
        self.personas.filter { filter.includes($0) }
    }

    /// The active persona with the most keywords in what a user asks; the earlier one where two have as many, nil where
    /// nobody has any.
    ///
    /// - Parameter language: by name or tag; nil for any.
    public func match(_ query: String, kind: PersonaKind?, language: String?) -> (persona: Persona, hits: [String])? {
        var filter = PersonaFilter()
        filter.kind = kind
        filter.language = language
        let matcher = KeywordMatcher(query)
        var best: (persona: Persona, hits: [String])?
        for persona in self.filtered(filter) {
            let hits = persona.keywords.filter { matcher.contains($0) }
            if hits.count > best?.hits.count ?? 0 { best = (persona, hits) }
        }
        return best
    }

    public func summary(kind: PersonaKind) -> PersonaSummary {
        let personas = self.personas.filter { $0.kind == kind }
        let active = personas.filter(\.isActive)
        return PersonaSummary(
            total: personas.count, active: active.count, specialities: Set(active.map(\.field)).sorted(),
            byLanguage: Dictionary(active.map { ($0.language.name, 1) }, uniquingKeysWith: +))
    }
}

/// How many there are, and of what.
public struct PersonaSummary: Sendable, Equatable {
    public var total: Int
    public var active: Int
    /// Of the active ones, sorted.
    public var specialities: [String]
    /// Active ones by the language's name.
    public var byLanguage: [String: Int]
}
