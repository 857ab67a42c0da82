// Which question comes next, and where it comes from.
extension InterviewMachine {
    /// What to ask next: the interviewer's own question, else the plan's of the aspect that least is known of, else a probe.
    func next(after followUp: FollowUp?, at now: Timestamp? = nil) -> InterviewSession.Question? {
        let session = self.session
        let plan = session.plan
        let now = now ?? session.updatedAt
        let coverage = self.coverage
        guard session.questions.count < plan.maxQuestions,
            session.answers.count < plan.minAnswers || coverage.overall < plan.targetCoverage
        else { return nil }
        if let followUp, self.mayFollowUp(followUp) {
            return self.followUp(followUp.prompt, followUp.category, at: now)
        }
        let rest = plan.questions.filter { question in !session.questions.contains { $0.id == question.id } }
        // The first question is the file's first one; min(by:) takes the earlier of equals.
        if let question = rest.min(by: { coverage[$0.category] < coverage[$1.category] }) {
            return self.planned(question, at: now)
        }
        let aspects = Aspect.allCases.sorted { coverage[$0] < coverage[$1] }
        for aspect in aspects where coverage[aspect] < 100 {
            if let probe = self.unaskedProbe(of: aspect) { return self.followUp(probe, aspect, at: now) }
        }
        return nil
    }

    private func mayFollowUp(_ followUp: FollowUp) -> Bool {
        let same = self.session.questions.filter { $0.source == .followUp && $0.category == followUp.category }
        return same.count < self.session.plan.maxFollowUps
            && !self.session.questions.contains { $0.prompt == followUp.prompt }
    }

    /// The first probe of an aspect that was not asked.
    func unaskedProbe(of aspect: Aspect) -> String? {
        (self.session.plan.probes[aspect] ?? []).map { $0.prompt(in: self.session.language) }
            .first { probe in !self.session.questions.contains { $0.prompt == probe } }
    }

    func planned(_ question: InterviewPlan.Question, at now: Timestamp) -> InterviewSession.Question {
        .init(
            id: question.id, prompt: question.prompt(in: self.session.language), category: question.category,
            source: .plan, askedAt: now)
    }

    private func followUp(_ prompt: String, _ aspect: Aspect, at now: Timestamp) -> InterviewSession.Question {
        .init(id: self.newID("follow-up"), prompt: prompt, category: aspect, source: .followUp, askedAt: now)
    }

    /// One that was asked in a call, in the model's own words.
    func spoken(_ prompt: String, at now: Timestamp) -> InterviewSession.Question {
        .init(
            id: self.newID("voice"), prompt: prompt, category: AspectReader.aspect(ofQuestion: prompt, answer: ""),
            source: .voice, askedAt: now)
    }

    private func newID(_ word: String) -> String {
        let count = self.session.questions.count { $0.id.hasPrefix(word + "-") }
        return "\(word)-\(count + 1)"
    }
}
