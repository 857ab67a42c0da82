/// What a persona is for.
public enum GenerationMode: String, Sendable, CaseIterable {
    /// An expert teaches.
    case learn = "learn_mode"
    /// The other person of the scenario, while the learner is assessed.
    case assess = "assess_mode"
    /// The same person, while the learner practises.
    case tryOut = "try_mode"

    /// The key of its part in a template's `persona_definitions`.
    var definitionKey: String { "\(self.rawValue)_ai_bot" }

    /// By its own name, or by the name of a kind of persona that begins with it, such as `assess_mode_character`.
    public init?(prefixOf personaType: String) {
        guard let mode = Self.allCases.first(where: { personaType.hasPrefix($0.rawValue) }) else { return nil }
        self = mode
    }
}
