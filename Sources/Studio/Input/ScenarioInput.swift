import JSON

/// What a client says a scenario should be, once it is known to be sound.
public struct ScenarioInput: Sendable, Equatable {
    public static let maxTitle = 100
    public static let maxDescription = 500
    public static let durations = 1...120
    public static let maxTags = 10
    public static let maxTag = 50
    public static let maxURL = 2_048

    public var details: ScenarioDetails
    /// nil where the client says nothing of the persona.
    public var persona: PersonaConfig?

    /// - Throws: everything that is wrong.
    public init(_ members: [String: JSONValue]) throws(InvalidInput) {
        var reader = FieldReader(members)
        let title = reader.text("title", limit: Self.maxTitle, isRequired: true)
        let description = reader.text("description", limit: Self.maxDescription, isRequired: true)
        let category = reader.word("category", as: Category.self, isRequired: true)
        let duration = reader.integer("duration", Self.durations, isRequired: true)
        let difficulty = reader.word("difficulty", as: Difficulty.self)
        let tags = reader.texts(members["tags"], "tags", maxCount: Self.maxTags, limit: Self.maxTag)
        let imageURL = Self.imageURL(&reader)
        let persona = reader.object("persona").flatMap { PersonaInput.read($0, &reader) }
        guard reader.violations.isEmpty, let title, let description, let category, let duration else {
            throw InvalidInput(reader.violations)
        }
        self.details = ScenarioDetails(
            title: title, description: description, category: category, duration: duration, difficulty: difficulty,
            tags: tags, imageURL: imageURL)
        self.persona = persona
    }

    private static func imageURL(_ reader: inout FieldReader) -> String? {
        guard let url = reader.text("imageUrl", limit: self.maxURL) else { return nil }
        // A page shows it: no scheme that runs anything.
        if !url.hasPrefix("https://"), !url.hasPrefix("http://") {
            reader.complain("imageUrl", "must begin with https:// or http://")
        }
        return url
    }
}
