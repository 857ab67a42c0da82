import Foundation
import JSON

/// Decides how an interview goes on: event in, actions out. It reads no clock, asks no model and writes no file.
public struct InterviewMachine: Sendable, Equatable {
    public enum Action: Sendable, Equatable {
        /// The session, as it is now.
        case save
        case audit(InterviewEvent)
        /// The interviewer should think about the answer to this question; `considered` tells what came of it.
        case consider(questionID: String)
    }

    public private(set) var session: InterviewSession

    public init(_ session: InterviewSession) { self.session = session }

    // MARK: What it knows

    public var coverage: Coverage { Coverage(self.session) }

    /// Whether there is nothing left to ask. An interview may be finalized before.
    public var isComplete: Bool {
        self.session.status != .active || (self.session.openQuestion == nil && self.next(after: nil) == nil)
    }

    // MARK: Coming and going

    /// A new interview begins with the first question of its plan.
    public mutating func began(at now: Timestamp) -> [Action] {
        precondition(self.session.questions.isEmpty, "an interview begins once")
        return [.save, .audit(.started(self.session))] + self.ask(self.next(after: nil), at: now)
    }

    /// The user is here again. An answer that nobody has thought about, because the process ended, is thought about now.
    public mutating func resumed(at now: Timestamp) throws(InterviewError) -> [Action] {
        try self.requireActive()
        var actions: [Action] = []
        if self.session.pausedAt != nil {
            self.session.pausedAt = nil
            self.session.updatedAt = now
            actions = [.save, .audit(.named("session_resumed", self.session))]
        }
        guard self.session.openQuestion == nil, let last = self.session.answers.last,
            !self.session.analysis.contains(where: { $0.questionId == last.questionId })
        else { return actions }
        return actions + [.consider(questionID: last.questionId)]
    }

    public mutating func paused(at now: Timestamp) throws(InterviewError) -> [Action] {
        try self.requireActive()
        guard self.session.pausedAt == nil else { return [] }
        self.session.pausedAt = now
        self.session.updatedAt = now
        return [.save, .audit(.named("session_paused", self.session))]
    }

    public mutating func discarded(at now: Timestamp) throws(InterviewError) -> [Action] {
        guard self.session.status != .aborted else { return [] }
        try self.requireActive()
        self.session.status = .aborted
        self.session.abortedAt = now
        self.session.updatedAt = now
        return [.save, .audit(.named("session_aborted", self.session))]
    }

    // MARK: Answers

    /// An answer, to the open question where none is named. One that was given before is replaced.
    public mutating func answered(
        _ content: String, to questionID: String? = nil, source: InterviewSession.Answer.Source = .text,
        at now: Timestamp
    ) throws(InterviewError) -> [Action] {
        try self.requireActive()
        let content = try self.checked(content, source)
        let question = try self.question(questionID)
        self.session.pausedAt = nil
        self.session.updatedAt = now
        guard let index = self.session.answers.firstIndex(where: { $0.questionId == question.id }) else {
            self.session.answers.append(
                .init(questionId: question.id, content: content, capturedAt: now, source: source))
            return [
                .save, .audit(.answered("answer_recorded", question, self.session)), .consider(questionID: question.id),
            ]
        }
        guard self.session.answers[index].content != content else { return [.save] }
        self.session.answers[index].content = content
        self.session.answers[index].editedAt = now
        self.session.answers[index].tags = []
        self.session.skills.forget(question.id)
        return [
            .save, .audit(.answered("answer_updated", question, self.session)), .consider(questionID: question.id),
        ]
    }

    private func checked(
        _ content: String, _ source: InterviewSession.Answer.Source
    ) throws(InterviewError) -> String {
        let text = Words.trimmed(content)
        let plan = self.session.plan
        let least = source == .voice ? 1 : plan.minAnswerLength
        guard text.count >= least else {
            throw InterviewError(
                .invalid, "an answer of \(text.count) characters is shorter than \(least)", field: "answer")
        }
        guard text.count > plan.maxAnswerLength else { return text }
        // Nobody can take back what was said.
        if source == .voice { return String(text.prefix(plan.maxAnswerLength)) }
        throw InterviewError(
            .invalid, "an answer of \(text.count) characters exceeds \(plan.maxAnswerLength)", field: "answer")
    }

    private func question(_ id: String?) throws(InterviewError) -> InterviewSession.Question {
        guard let id else {
            guard let open = self.session.openQuestion else {
                throw InterviewError(.conflict, "no question is open; finalize the interview, or name a questionId")
            }
            return open
        }
        guard let question = self.session.questions.first(where: { $0.id == id }) else {
            throw InterviewError(.notFound, "the interview has no question of that id", field: "questionId")
        }
        return question
    }

    /// A question was asked in a call, in the model's words; it is the open one from now on. Words that hold no question of
    /// this interview and no question mark are none.
    public mutating func heardQuestion(_ words: String, at now: Timestamp) throws(InterviewError) -> [Action] {
        try self.requireActive()
        let words = String(Words.trimmed(words).prefix(500))
        if let index = self.session.questions.lastIndex(where: { words.contains($0.prompt) }) {
            return self.reopen(index, at: now)
        }
        guard self.session.questions.count < self.session.plan.maxQuestions else { return [] }
        let language = self.session.language
        if let plan = self.session.plan.questions.first(where: { words.contains($0.prompt(in: language)) }) {
            return self.ask(self.planned(plan, at: now), at: now)
        }
        return words.contains("?") ? self.ask(self.spoken(words, at: now), at: now) : []
    }

    /// What was asked last is what is answered next.
    private mutating func reopen(_ index: Int, at now: Timestamp) -> [Action] {
        let question = self.session.questions[index]
        guard self.session.answer(to: question.id) == nil, self.session.openQuestion?.id != question.id else {
            return []
        }
        self.session.questions.remove(at: index)
        self.session.questions.append(question)
        self.session.updatedAt = now
        return [.save]
    }

    // MARK: Thoughts

    /// What the interviewer made of an answer; then the next question, if there is one to ask.
    public mutating func considered(
        _ thought: Consideration, of questionID: String, at now: Timestamp
    ) -> [Action] {
        guard self.session.status == .active,
            let index = self.session.answers.firstIndex(where: { $0.questionId == questionID })
        else { return [] }
        self.session.answers[index].tags = thought.tags
        self.session.skills.add(thought.findings)
        let step = InterviewSession.ReasoningStep(
            at: now, questionId: questionID, role: thought.by.role, model: thought.by.model, notes: thought.notes,
            skills: thought.skills)
        self.session.analysis.append(step)
        self.session.updatedAt = now
        let actions: [Action] = [.save, .audit(.reasoned(step, thought.tags, self.session))]
        guard self.session.openQuestion == nil else { return actions }
        return actions + self.ask(self.next(after: thought.followUp, at: now), at: now)
    }

    private mutating func ask(_ question: InterviewSession.Question?, at now: Timestamp) -> [Action] {
        guard var question else { return [] }
        question.askedAt = now
        self.session.questions.append(question)
        self.session.updatedAt = now
        return [.save, .audit(.asked(question, self.session))]
    }

    // MARK: The end

    /// The answers were summed up: no answer is taken from now on.
    public mutating func finalized(
        _ draft: PersonaDraft, trainingConsent: Bool?, at now: Timestamp
    ) throws(InterviewError) -> [Action] {
        guard self.session.status != .completed else { return [] }
        try self.requireActive()
        try self.requireAnswers()
        self.session.status = .completed
        self.session.pausedAt = nil
        self.session.finalizedAt = now
        self.session.updatedAt = now
        self.session.personaDraft = draft
        self.session.trainingConsent = trainingConsent ?? self.session.trainingConsent
        return [
            .save, .audit(.named("summary_generated", self.session)), .audit(.named("session_finalized", self.session)),
        ]
    }

    /// The draft of a summary that was written before the process ended counts, not another one.
    mutating func restore(_ draft: JSONValue?) {
        guard let bytes = draft?.encoded, let draft = try? JSONDecoder().decode(PersonaDraft.self, from: Data(bytes))
        else {
            return
        }
        self.session.personaDraft = draft
    }

    public func requireAnswers() throws(InterviewError) {
        guard self.session.answers.isEmpty else { return }
        throw InterviewError(.conflict, "nothing was answered yet")
    }

    /// The draft went into the user's persona.
    public mutating func applied(_ fields: [String], at now: Timestamp) throws(InterviewError) -> [Action] {
        guard self.session.status == .completed else {
            throw InterviewError(.conflict, "the interview is not finalized")
        }
        self.session.appliedAt = now
        self.session.updatedAt = now
        return [.save, .audit(.applied(fields, self.session))]
    }

    private func requireActive() throws(InterviewError) {
        guard self.session.status != .active else { return }
        throw InterviewError(.conflict, "the interview is \(self.session.status.rawValue)")
    }
}
