import JSON
import LanguageModels

extension ModelRole {
    /// Asks, and thinks about the answers.
    public static let psychotherapist = ModelRole(rawValue: "psychotherapist")
    /// Sums up.
    public static let curator = ModelRole(rawValue: "curator")
    /// Asks where there is no psychotherapist.
    public static let planner = ModelRole(rawValue: "planner")
}

/// Thinks about answers: a model in the role of the psychotherapist where there is one, else rules.
public struct Interviewer: Sendable {
    private let model: (any LanguageModel)?
    private let modelName: @Sendable (ModelRole) -> String?
    private let prompt: @Sendable () -> String

    /// - Parameters:
    ///   - modelName: what answers in a role, for people to read.
    ///   - prompt: the psychotherapist's system prompt, read for each call.
    public init(
        model: (any LanguageModel)?, modelName: @escaping @Sendable (ModelRole) -> String?,
        prompt: @escaping @Sendable () -> String
    ) {
        self.model = model
        self.modelName = modelName
        self.prompt = prompt
    }

    /// The psychotherapist; the planner where only that is configured.
    private var role: ModelRole? {
        [.psychotherapist, .planner].first { self.model?.answers(in: $0) == true }
    }

    /// Who asks.
    public var profile: LLMProfile {
        guard let role = self.role else {
            return LLMProfile(role: ModelRole.psychotherapist.rawValue, model: LLMProfile.rules, configured: false)
        }
        return LLMProfile(role: role.rawValue, model: self.modelName(role) ?? role.rawValue, configured: true)
    }

    /// What to make of the answer to a question. A model that fails is replaced by the rules, and the notes say so.
    public func consider(_ questionID: String, in session: InterviewSession, user: String) async -> Consideration {
        let rules = RuleInterviewer.consider(questionID, in: session)
        guard let model = self.model, let role = self.role else { return rules }
        let request = ChatRequest(
            role: role,
            messages: [
                ChatMessage(.system, self.prompt()), ChatMessage(.user, self.material(questionID, session).text),
            ],
            format: .json, payer: user)
        do throws(LanguageModelError) {
            let answer = try await model.answer(request)
            guard let object = ReplyReader.object(in: answer.text) else {
                return rules.noting("the model's answer could not be read; the rules decided")
            }
            return self.read(object, rules, session)
        } catch {
            return rules.noting("the model did not answer (\(error.code.rawValue)); the rules decided")
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
            by: self.profile, tags: tags.isEmpty ? rules.tags : Array(Set(tags)).sorted { $0.rawValue < $1.rawValue },
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

/// What can be thought without a model: what words an answer has, and whether it was short.
enum RuleInterviewer {
    // Eight words are a sentence; what is shorter wants to be asked about.
    private static let shortAnswer = 8

    static func consider(_ questionID: String, in session: InterviewSession) -> Consideration {
        let by = LLMProfile(role: ModelRole.psychotherapist.rawValue, model: LLMProfile.rules, configured: false)
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
