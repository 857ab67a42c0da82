/// What can be thought without a model: what words an answer has, and whether it was short.
enum RuleInterviewer {
    // Eight words are a sentence; what is shorter wants to be asked about.
    private static let shortAnswer = 8

    static func consider(
        _ questionID: String, in session: InterviewSession, by: LLMProfile
    ) -> Consideration {
        guard let answer = session.answer(to: questionID),
            let question = session.questions.first(where: { $0.id == questionID })
        else { return Consideration(by: by, tags: []) }
        var findings = SkillFindings()
        for skill in InterviewSkill.allCases { findings.add(skill.run(on: session.transcript)) }
        let count = Words.of(answer.content).count
        let isShort = count < self.shortAnswer && question.source == .plan
        let probe = isShort ? InterviewMachine(session).unaskedProbe(of: question.category) : nil
        return Consideration(
            by: by,
            tags: Array(Set(AspectReader.tags(in: answer.content) + [question.category])).sorted {
                $0.rawValue < $1.rawValue
            }, followUp: probe.map { FollowUp(prompt: $0, category: question.category) },
            notes: [
                "words: \(count)",
                isShort ? "short: asks for more where the plan has a probe" : "goes on with the plan",
            ],
            skills: InterviewSkill.allCases.map(\.rawValue), findings: findings)
    }
}
