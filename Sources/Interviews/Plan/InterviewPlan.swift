import Foundation
import JSON

/// What an interview asks when nobody has a better idea, and when it has heard enough.
public struct InterviewPlan: Sendable, Codable, Equatable {
    public struct Question: Sendable, Codable, Equatable {
        public var id: String
        public var category: Aspect
        public var prompt: String
        /// By primary subtag, such as `hi`.
        public var translations: [String: String]?
    }

    /// Something to ask when an answer was short.
    public struct Probe: Sendable, Codable, Equatable {
        public var prompt: String
        public var translations: [String: String]?
    }

    public var maxQuestions: Int
    public var minAnswers: Int
    /// Percent of the five aspects after which the interview may end.
    public var targetCoverage: Int
    /// Of a typed answer, in characters. Spoken ones may be shorter.
    public var minAnswerLength: Int
    public var maxAnswerLength: Int
    /// Of one aspect.
    public var maxFollowUps: Int
    /// Days without an answer after which an interview is put away.
    public var expiryDays: Int
    /// Interviews that may be used for training, after which that is told once.
    public var trainingThreshold: Int
    public var questions: [Question]
    public var probes: [Aspect: [Probe]]

    /// What a caller may have otherwise for one interview.
    public struct Overrides: Sendable, Equatable {
        public var maxQuestions: Int?
        public var minAnswers: Int?
        public var targetCoverage: Int?

        public init(maxQuestions: Int? = nil, minAnswers: Int? = nil, targetCoverage: Int? = nil) {
            self.maxQuestions = maxQuestions
            self.minAnswers = minAnswers
            self.targetCoverage = targetCoverage
        }
    }

}

extension InterviewPlan {
    /// Reads the file.
    ///
    /// - Throws: `unusable` with what is wrong in it.
    public init(reading bytes: [UInt8]) throws(InterviewError) {
        do {
            self = try JSONDecoder().decode(InterviewPlan.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw InterviewError(.unusable, "interview-plan.json: \(Self.words(for: error))")
        } catch {
            throw InterviewError(.unusable, "interview-plan.json: it is no JSON document")
        }
        if let fault = self.fault { throw InterviewError(.unusable, "interview-plan.json: \(fault)") }
    }

    private static func words(for error: DecodingError) -> String {
        func place(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
        return switch error {
        case .keyNotFound(let key, let context): "\(place(context.codingPath + [key])) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(place(context.codingPath)) has another type than it should"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty: "\(place(context.codingPath)) is unknown"
        default: "it is no JSON document"
        }
    }

    /// The first thing that is out of bounds.
    private var fault: String? {
        if !(1...100).contains(self.maxQuestions) { return "maxQuestions \(self.maxQuestions) is not 1 to 100" }
        if !(1...self.maxQuestions).contains(self.minAnswers) {
            return "minAnswers \(self.minAnswers) is not 1 to maxQuestions \(self.maxQuestions)"
        }
        if !(1...100).contains(self.targetCoverage) { return "targetCoverage \(self.targetCoverage) is not 1 to 100" }
        if !(1...self.maxAnswerLength).contains(self.minAnswerLength) || self.maxAnswerLength > 20_000 {
            return "answers of \(self.minAnswerLength) to \(self.maxAnswerLength) characters are not within 1 to 20000"
        }
        if self.expiryDays < 1 || self.trainingThreshold < 1 || self.maxFollowUps < 0 {
            return "expiryDays and trainingThreshold begin at 1, maxFollowUps at 0"
        }
        if self.questions.isEmpty || Set(self.questions.map(\.id)).count != self.questions.count {
            return "questions must be there, each with an id of its own"
        }
        let prompts = self.questions.map(\.prompt) + self.probes.values.joined().map(\.prompt)
        let isFine = prompts.allSatisfy { (1...500).contains($0.unicodeScalars.count) }
        return isFine ? nil : "a prompt must have 1 to 500 characters"
    }

    /// Of an interview that nothing is left of.
    static let empty = InterviewPlan(
        maxQuestions: 1, minAnswers: 1, targetCoverage: 1, minAnswerLength: 1, maxAnswerLength: 1, maxFollowUps: 0,
        expiryDays: 1, trainingThreshold: 1, questions: [], probes: [:])

    func changed(by overrides: Overrides) throws(InterviewError) -> InterviewPlan {
        var plan = self
        plan.maxQuestions = overrides.maxQuestions ?? plan.maxQuestions
        plan.minAnswers = min(overrides.minAnswers ?? plan.minAnswers, plan.maxQuestions)
        plan.targetCoverage = overrides.targetCoverage ?? plan.targetCoverage
        if let fault = plan.fault { throw InterviewError(.invalid, fault, field: "overrides") }
        return plan
    }
}

extension InterviewPlan.Question {
    func prompt(in language: String) -> String { self.translations?[language] ?? self.prompt }
}

extension InterviewPlan.Probe {
    func prompt(in language: String) -> String { self.translations?[language] ?? self.prompt }
}
