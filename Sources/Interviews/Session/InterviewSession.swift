/// An interview as its file has it. What the interviewer thought stands in it too, and is never shown to the user.
public struct InterviewSession: Sendable, Codable, Equatable {
    public enum Status: String, Sendable, Codable {
        case active, completed, aborted
    }

    public var sessionId: InterviewID
    public var status = Status.active
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    /// The user is away; the status stays active.
    public var pausedAt: Timestamp?
    public var finalizedAt: Timestamp?
    public var appliedAt: Timestamp?
    public var abortedAt: Timestamp?
    /// Primary subtag, `en` or `hi`.
    public var language: String
    /// As it was when the interview began: a change of the file is for the next one.
    public var plan: InterviewPlan
    /// Whether the answers may be used to train a model.
    public var trainingConsent: Bool
    public var questions: [Question] = []
    public var answers: [Answer] = []
    public var analysis: [ReasoningStep] = []
    public var skills = SkillFindings()
    public var personaDraft = PersonaDraft()

    public struct Question: Sendable, Codable, Equatable {
        public enum Source: String, Sendable, Codable {
            case plan
            case followUp = "follow_up"
            /// Asked in a call, in the model's own words.
            case voice
        }

        public var id: String
        public var prompt: String
        public var category: Aspect
        public var source: Source
        public var askedAt: Timestamp
    }

    public struct Answer: Sendable, Codable, Equatable {
        public enum Source: String, Sendable, Codable {
            case text, voice
        }

        public var questionId: String
        public var content: String
        public var capturedAt: Timestamp
        public var editedAt: Timestamp?
        public var source: Source
        /// What the interviewer heard in it beside the question's own category.
        public var tags: [Aspect] = []
    }

    /// One thing that the interviewer thought.
    public struct ReasoningStep: Sendable, Codable, Equatable {
        public var at: Timestamp
        /// The question whose answer it is about.
        public var questionId: String
        public var role: String
        public var model: String
        public var notes: [String]
        /// The skills that were called for it.
        public var skills: [String]
    }

    public init(
        sessionId: InterviewID, plan: InterviewPlan, language: String, trainingConsent: Bool, at now: Timestamp
    ) {
        self.sessionId = sessionId
        self.createdAt = now
        self.updatedAt = now
        self.language = language
        self.plan = plan
        self.trainingConsent = trainingConsent
    }

    /// The question that waits for its answer.
    public var openQuestion: Question? {
        self.questions.last { question in !self.answers.contains { $0.questionId == question.id } }
    }

    public func answer(to question: String) -> Answer? { self.answers.first { $0.questionId == question } }

    /// Questions with their answers, in the order in which they were asked.
    public var transcript: Transcript {
        Transcript(
            turns: self.questions.compactMap { question in
                self.answer(to: question.id).map {
                    Transcript.Turn(
                        questionID: question.id, question: question.prompt, answer: $0.content)
                }
            })
    }
}

/// What was asked and answered, wherever that was.
public struct Transcript: Sendable, Equatable {
    public struct Turn: Sendable, Equatable {
        public var questionID: String
        public var question: String
        public var answer: String

        public init(questionID: String, question: String, answer: String) {
            self.questionID = questionID
            self.question = question
            self.answer = answer
        }

        /// What it is about, judged by its words alone: the same words give the same persona wherever they were said.
        var aspect: Aspect { AspectReader.aspect(ofQuestion: self.question, answer: self.answer) }
    }

    public var turns: [Turn]

    public init(turns: [Turn]) { self.turns = turns }
}
