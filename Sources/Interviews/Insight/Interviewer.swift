import JSON
import LanguageModels

/// Thinks about answers: a model in the role of the psychotherapist where there is one, else rules.
struct Interviewer: Sendable {
    /// The psychotherapist; the planner where only that is configured.
    static let roles: [ModelRole] = [.psychotherapist, .planner]

    let model: RoleModel

    /// What to make of the answer to a question. A model that fails is replaced by the rules, and the notes say so.
    func consider(_ questionID: String, in session: InterviewSession, user: String) async -> Consideration {
        let rules = RuleInterviewer.consider(questionID, in: session, by: self.model.rules)
        switch await self.model.ask(self.material(questionID, session), for: user) {
        case .absent: return rules
        case .answered(let object): return self.read(object, rules, session)
        case .failed(let reason): return rules.noting("\(reason); the rules decided")
        }
    }

    /// What a model is told: what was said, what is known, what may be called.
    private func material(_ questionID: String, _ session: InterviewSession) -> JSONValue {
        let coverage = Coverage(session)
        return [
            "task": "Consider the latest answer and decide the next question.",
            "language": .string(session.language),
            "coverage": .object(
                Dictionary(
                    uniqueKeysWithValues: Aspect.allCases.map { ($0.rawValue, .integer(coverage[$0])) })),
            "transcript": .array(
                session.transcript.turns.map {
                    ["id": .string($0.questionID), "question": .string($0.question), "answer": .string($0.answer)]
                }),
            "latest": .string(questionID),
            "tools": .array(
                InterviewSkill.allCases.map {
                    ["name": .string($0.rawValue), "description": .string($0.summary)]
                }),
        ]
    }

    private func read(
        _ object: [String: JSONValue], _ rules: Consideration, _ session: InterviewSession
    ) -> Consideration {
        let tags = ReplyReader.texts(object["tags"]).compactMap { Aspect(named: $0) }
        let called = ReplyReader.texts(object["tools"]).compactMap { InterviewSkill(rawValue: $0) }
        var findings = SkillFindings()
        for skill in called { findings.add(skill.run(on: session.transcript)) }
        return Consideration(
            by: self.model.profile,
            tags: tags.isEmpty ? rules.tags : Array(Set(tags)).sorted { $0.rawValue < $1.rawValue },
            followUp: Self.question(object["question"]) ?? rules.followUp, notes: Self.notes(object["reasoning"]),
            skills: called.map(\.rawValue), findings: findings)
    }

    /// One sentence that a user may be shown; anything else is no question.
    private static func question(_ value: JSONValue?) -> FollowUp? {
        guard let prompt = value?["prompt"]?.string.map(Words.trimmed), (8...400).contains(prompt.count),
            !prompt.contains(where: \.isNewline), let word = value?["category"]?.string,
            let category = Aspect(named: word)
        else { return nil }
        return FollowUp(prompt: prompt, category: category)
    }

    private static func notes(_ value: JSONValue?) -> [String] {
        guard let members = value?.object else { return ReplyReader.texts(value, limit: 1_000) }
        return members.keys.sorted().compactMap { key in
            ReplyReader.texts(members[key], limit: 1_000).first.map { "\(key): \($0)" }
        }
    }
}

extension Consideration {
    fileprivate func noting(_ note: String) -> Consideration {
        var copy = self
        copy.notes.append(note)
        return copy
    }
}
