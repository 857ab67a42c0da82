import JSON

/// Something that happened in an interview, as the audit tells it: what and how much, never in whose words.
public struct InterviewEvent: Sendable, Equatable {
    /// Such as `question_asked`.
    public var name: String
    public var sessionID: InterviewID?
    public var details: [String: JSONValue]

    public init(_ name: String, _ sessionID: InterviewID?, _ details: [String: JSONValue] = [:]) {
        self.name = name
        self.sessionID = sessionID
        self.details = details
    }
}

extension InterviewEvent {
    static func named(_ name: String, _ session: InterviewSession) -> Self {
        Self(
            name, session.sessionId,
            ["questions": .integer(session.questions.count), "answers": .integer(session.answers.count)])
    }

    static func started(_ session: InterviewSession) -> Self {
        Self(
            "session_started", session.sessionId,
            ["language": .string(session.language), "trainingConsent": .bool(session.trainingConsent)])
    }

    static func asked(_ question: InterviewSession.Question, _ session: InterviewSession) -> Self {
        Self(
            "question_asked", session.sessionId,
            [
                "questionId": .string(question.id), "category": .string(question.category.rawValue),
                "source": .string(question.source.rawValue),
            ])
    }

    static func answered(
        _ name: String, _ question: InterviewSession.Question, _ session: InterviewSession
    ) -> Self {
        let answer = session.answer(to: question.id)
        return Self(
            name, session.sessionId,
            [
                "questionId": .string(question.id), "characters": .integer(answer?.content.count ?? 0),
                "source": .string(answer?.source.rawValue ?? ""),
            ])
    }

    static func reasoned(
        _ step: InterviewSession.ReasoningStep, _ tags: [Aspect], _ session: InterviewSession
    ) -> Self {
        Self(
            "reasoning_step", session.sessionId,
            [
                "questionId": .string(step.questionId), "role": .string(step.role), "model": .string(step.model),
                "notes": .integer(step.notes.count), "tags": .array(tags.map { .string($0.rawValue) }),
                "skills": .array(step.skills.map { .string($0) }),
            ])
    }

    static func applied(_ fields: [String], _ session: InterviewSession) -> Self {
        Self("persona_applied", session.sessionId, ["fields": .array(fields.map { .string($0) })])
    }
}
