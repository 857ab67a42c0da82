import JSON

/// What all personas of a file share, beside the entries: voices by gender and language, a sentence per language, and the
/// extra keys that reach the prompt.
public struct PersonaConventions: Sendable, Equatable {
    /// Gender → language → voice as authored.
    public var voiceMappings: [String: [String: String]] = [:]
    /// Language name → what the model is told about speaking it.
    public var languageInstructions: [String: String] = [:]
    /// Key of an entry → line of the instructions, in which `{value}` is what the entry holds.
    public var promptFeatures: [String: String] = [:]

    public init() {}

    init(_ document: PersonaEntry) throws(PersonaProblem) {
        self.languageInstructions = try Self.texts(document, "language_instructions")
        self.promptFeatures = try Self.texts(document, "prompt_features")
        for gender in try document.object("voice_mappings")?.members.keys.sorted() ?? [] {
            self.voiceMappings[gender] = try Self.texts(document.object("voice_mappings"), gender)
        }
        for (key, line) in self.promptFeatures where !line.contains("{value}") {
            throw PersonaProblem("prompt_features.\(key) does not contain {value}")
        }
    }

    private static func texts(_ entry: PersonaEntry?, _ key: String) throws(PersonaProblem) -> [String: String] {
        guard let object = try entry?.object(key) else { return [:] }
        var texts: [String: String] = [:]
        for name in object.members.keys.sorted() { texts[name] = try object.required(name, limit: 4_000) }
        return texts
    }

    /// The voice for a persona whose author named none, or none that a model has.
    func voice(_ gender: Gender?, _ language: Language) -> RealtimeVoice {
        let authored = gender.flatMap { self.voiceMappings[$0.rawValue]?[language.name] }
        if let authored, let voice = RealtimeVoice(authored: authored) { return voice }
        switch gender {
        case .female: return .coral
        case .male: return .ash
        case nil: return .alloy
        }
    }
}
