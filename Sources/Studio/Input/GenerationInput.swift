import JSON

/// What a client asks of the people of a scenario.
public struct GenerationInput: Sendable, Equatable {
    /// Of the author's wishes, in Unicode scalars.
    public static let maxPrompt = 5_000
    public var templateID: String
    public var request: GenerationRequest
    /// Each is another person.
    public var count: Int

    /// - Throws: everything that is wrong.
    public init(_ members: [String: JSONValue]) throws(InvalidInput) {
        var reader = FieldReader(members)
        let type = reader.text("persona_type", limit: 100, mayBeBlank: true)
        let request = GenerationRequest(
            mode: reader.word("mode", as: GenerationMode.self) ?? Self.mode(of: type), personaType: type,
            gender: reader.text("gender", limit: 40, mayBeBlank: true),
            customPrompt: reader.text("prompt", "custom_prompt", limit: Self.maxPrompt, mayBeBlank: true),
            variation: reader.integer("variation_id", -1_000_000...1_000_000))
        let count = reader.integer("count", 1...PersonaStudio.maxCount) ?? 1
        let template = members["template_id"]?.string
        if template == nil { reader.complain("template_id", "is required") }
        guard let template, reader.violations.isEmpty else { throw InvalidInput(reader.violations) }
        self.templateID = template
        self.request = request
        self.count = count
    }

    /// A client may say the mode by the kind of persona alone.
    private static func mode(of personaType: String?) -> GenerationMode {
        personaType.flatMap { GenerationMode(prefixOf: $0) } ?? .assess
    }
}
