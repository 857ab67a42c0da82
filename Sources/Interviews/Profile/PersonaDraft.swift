import JSON

/// What an interview understood of somebody, before it is their persona.
public struct PersonaDraft: Sendable, Codable, Equatable {
    public struct Value: Sendable, Codable, Equatable {
        public var value: String
        public var description: String

        public init(value: String, description: String) {
            self.value = value
            self.description = description
        }
    }

    public struct Goals: Sendable, Codable, Equatable {
        public var shortTerm: [String] = []
        public var midTerm: [String] = []
        public var longTerm: [String] = []

        public init() {}
        var isEmpty: Bool { self.shortTerm.isEmpty && self.midTerm.isEmpty && self.longTerm.isEmpty }
    }

    public struct CommunicationStyle: Sendable, Codable, Equatable {
        public var tone: [String] = []
        public var notes: [String] = []

        public init() {}
        var isEmpty: Bool { self.tone.isEmpty && self.notes.isEmpty }
    }

    public struct Relationship: Sendable, Codable, Equatable {
        public var name: String
        public var relation: String
    }

    public var summary = ""
    public var values: [Value] = []
    public var goals = Goals()
    public var communicationStyle = CommunicationStyle()
    /// 0…1 by trait, such as `openness`; only a model ventures it.
    public var bigFive: [String: Double] = [:]
    public var background: [String] = []
    public var currentFocus: [String] = []
    public var relationships: [Relationship] = []

    static let traits = ["openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism"]

    public init() {}

    /// Whether it says anything about an aspect.
    func covers(_ aspect: Aspect) -> Bool {
        switch aspect {
        case .values: !self.values.isEmpty
        case .goals: !self.goals.isEmpty
        case .style: !self.communicationStyle.isEmpty
        case .biography: !self.background.isEmpty
        case .currentFocus: !self.currentFocus.isEmpty
        }
    }
}

/// How sure a draft is, in percent.
public struct Confidence: Sendable, Codable, Equatable {
    public var overall: Int
    public var categories: [Aspect: Int]

    /// What is known bounds what can be sure; rules, which only collect words, are never as sure as a model may be.
    init(_ draft: PersonaDraft, coverage: Coverage, byModel claims: [Aspect: Int]?) {
        let categories = Aspect.allCases.map { aspect -> (Aspect, Int) in
            guard draft.covers(aspect) else { return (aspect, 0) }
            let bound = coverage[aspect]
            return (aspect, claims.map { min(bound, $0[aspect] ?? bound) } ?? bound * 6 / 10)
        }
        self.categories = Dictionary(uniqueKeysWithValues: categories)
        self.overall = categories.map(\.1).reduce(0, +) / categories.count
    }
}
