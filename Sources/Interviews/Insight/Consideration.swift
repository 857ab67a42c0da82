/// A question that somebody's answer gave rise to.
public struct FollowUp: Sendable, Equatable {
    public var prompt: String
    public var category: Aspect

    public init(prompt: String, category: Aspect) {
        self.prompt = prompt
        self.category = category
    }
}

/// Who thinks: a role, and what stands behind it.
public struct LLMProfile: Sendable, Equatable, Codable {
    /// The model's name where there is none: what it does, it does by rules.
    public static let rules = "rules"

    public var role: String
    public var model: String
    /// Whether a language model answers in that role.
    public var configured: Bool

    public init(role: String, model: String, configured: Bool) {
        self.role = role
        self.model = model
        self.configured = configured
    }
}

/// What an interviewer made of one answer.
public struct Consideration: Sendable, Equatable {
    public var by: LLMProfile
    public var tags: [Aspect]
    public var followUp: FollowUp?
    /// Its reasons: kept, and never shown to the user.
    public var notes: [String]
    /// The skills that it called.
    public var skills: [String]
    public var findings: SkillFindings

    public init(
        by: LLMProfile, tags: [Aspect], followUp: FollowUp? = nil, notes: [String] = [], skills: [String] = [],
        findings: SkillFindings = SkillFindings()
    ) {
        self.by = by
        self.tags = tags
        self.followUp = followUp
        self.notes = notes
        self.skills = skills
        self.findings = findings
    }
}
