import JSON

/// What kind of conversation a scenario is.
public enum Archetype: String, Sendable, CaseIterable {
    case helpSeeking = "HELP_SEEKING"
    case persuasion = "PERSUASION"
    case confrontation = "CONFRONTATION"
    case investigation = "INVESTIGATION"
    case negotiation = "NEGOTIATION"

    /// By a name in it: `PERSUASION_SALES` is a persuasion. nil for what is none of them.
    public init?(in name: String) {
        let name = name.uppercased()
        guard let found = Self.allCases.first(where: { name.contains($0.rawValue) }) else { return nil }
        self = found
    }

    /// What a template's definition says that belongs to the archetype, with what it is where nothing is said.
    private var copied: [(String, JSONValue)] {
        switch self {
        case .persuasion:
            [
                ("current_position", ""), ("satisfaction_level", ""), ("decision_criteria", []),
                ("objection_library", []),
            ]
        case .confrontation: [("sub_type", ""), ("power_dynamics", ""), ("emotional_state", "")]
        case .helpSeeking: [("problem_description", ""), ("urgency_level", "")]
        case .investigation, .negotiation: []
        }
    }

    /// The archetype's own part of a persona.
    static func data(_ name: String, from definition: [String: JSONValue]) -> [String: JSONValue] {
        var data: [String: JSONValue] = [:]
        for (key, none) in Archetype(in: name)?.copied ?? [] { data[key] = definition[key] ?? none }
        return data
    }

    /// Whether the persona says the first word: who needs something does, who is approached waits.
    public var speaksFirst: Bool { self == .helpSeeking }
}

extension Archetype {
    /// How a persona of that archetype behaves; an unknown one behaves naturally.
    static func behaviour(_ name: String) -> [String] {
        guard let archetype = Archetype(in: name) else { return ["Respond naturally in character."] }
        switch archetype {
        case .persuasion:
            return [
                "Start neutral and polite, and let the other person explain.",
                "Doubt vague claims, and warm to strong data.",
                "Object from your own position, not for the sake of it.",
                "Judge what you hear by your decision criteria.",
                "Close positively if and only if you have been convinced.",
            ]
        case .confrontation:
            return [
                "Show the emotion that is yours in this matter, as it really feels.",
                "React to how you are approached: escalate when you are accused or dismissed, open up to empathy.",
                "Show as much vulnerability as the other person's skill has earned.",
            ]
        case .helpSeeking:
            return [
                "Raise your problem yourself, and make plain what you need.",
                "Be satisfied by good help, and frustrated by vagueness.",
                "Close accordingly: with thanks where you were helped, with disappointment where you were not.",
            ]
        case .investigation:
            return [
                "Be honest, and volunteer nothing.",
                "Show what makes it hard for you to speak about it.",
                "Reward good questions with what you know; stay brief with poor ones.",
            ]
        case .negotiation:
            return [
                "State your position, and defend what is not negotiable.",
                "Be flexible in everything else, and look for what serves both sides.",
                "Reward creative proposals.",
            ]
        }
    }
}
