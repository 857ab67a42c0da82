/// What the interviewer's skills found in the answers.
public struct SkillFindings: Sendable, Codable, Equatable {
    /// A way of thinking that makes things look worse than they are, in somebody's words.
    public struct Distortion: Sendable, Codable, Equatable {
        public enum Kind: String, Sendable, Codable, CaseIterable {
            case allOrNothing = "all_or_nothing"
            case catastrophizing
            case mindReading = "mind_reading"
            case fortuneTelling = "fortune_telling"
            case shouldStatement = "should_statement"
            case labeling
            case emotionalReasoning = "emotional_reasoning"
        }

        public var kind: Kind
        public var questionId: String
        public var quote: String
    }

    /// Two things said that do not go together.
    public struct Contradiction: Sendable, Codable, Equatable {
        public var about: String
        public var left: Quote
        public var right: Quote
    }

    public struct Quote: Sendable, Codable, Equatable {
        public var questionId: String
        public var quote: String
    }

    public var distortions: [Distortion] = []
    public var contradictions: [Contradiction] = []

    public init() {}

    mutating func add(_ other: SkillFindings) {
        self.distortions += other.distortions.filter { !self.distortions.contains($0) }
        self.contradictions += other.contradictions.filter { !self.contradictions.contains($0) }
    }

    /// An answer was changed: what was found in the old one no longer counts.
    mutating func forget(_ questionID: String) {
        self.distortions.removeAll { $0.questionId == questionID }
        self.contradictions.removeAll { $0.left.questionId == questionID || $0.right.questionId == questionID }
    }
}
