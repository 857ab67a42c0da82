import Foundation
import JSON

// The end of an interview: its summary, and what becomes of it.
extension InterviewService {
    /// What a finalize answers.
    public struct Result: Sendable, Equatable {
        public var session: InterviewSession
        /// As its file has it.
        public var summary: JSONValue
        /// Against the persona as it is now.
        public var difference: PersonaDifference
        /// Of the core after this.
        public var version: String
        public var isApplied: Bool
        public var profile: LLMProfile
    }

    /// Sums up, and shows what the persona would gain; applies it only where that is asked for. A second time nothing is
    /// summed up again.
    ///
    /// - Parameters:
    ///   - consent: whether the answers may train a model; nil leaves it as the interview began.
    ///   - version: of the core that the user has seen; nil takes any.
    public func finalize(
        _ user: String, _ id: InterviewID, apply: Bool = false, consent: Bool? = nil, version: String? = nil
    ) async throws(InterviewError) -> Result {
        try self.requireWriting()
        try self.roles.requireInterviews(self.extractor.model.profile.role)
        let machine = InterviewMachine(try await self.session(user, id).session)
        if machine.session.status == .active {
            try machine.requireAnswers()
            let extracted = await self.extractor.extract(machine.session.transcript, user: user)
            try await self.keep(extracted, user, id, consent)
        }
        return apply
            ? try await self.apply(user, id, version: version) : try await self.result(user, id, isApplied: false)
    }

    private func keep(
        _ extracted: PersonaExtractor.Result, _ user: String, _ id: InterviewID, _ consent: Bool?
    ) async throws(InterviewError) {
        let now = self.timestamp
        try await self.store.change(user) { profile throws(InterviewError) in
            var machine = InterviewMachine(try profile.session(id))
            let actions = try machine.finalized(extracted.draft, trainingConsent: consent, at: now)
            guard !actions.isEmpty else { return }
            // The summary first: a process that ends here finds it, and the interview still open.
            let change = try PersonaChange(extracted.draft, in: profile)
            let summary = Self.summary(machine.session, extracted, change.difference)
            _ = try profile.writeSummary(id, PrettyJSON.bytes(summary))
            let kept = (try? JSONValue(parsing: try profile.summary(id)))?["personaDraft"]
            machine.restore(kept)
            try Self.perform(actions, machine, profile)
            try Self.train(machine.session, profile, now)
        }
    }

    private static func summary(
        _ session: InterviewSession, _ extracted: PersonaExtractor.Result, _ difference: PersonaDifference
    ) -> JSONValue {
        let coverage = Coverage(session)
        let confidence = Confidence(extracted.draft, coverage: coverage, byModel: extracted.claims)
        var members: [String: JSONValue] = [
            "sessionId": .string(session.sessionId.rawValue),
            "finalizedAt": .string(session.finalizedAt?.description ?? ""),
            "summary": .string(extracted.draft.summary), "personaDraft": JSONFile.json(extracted.draft),
            "confidence": JSONFile.json(confidence), "coverage": coverage.json,
            "llmProfile": JSONFile.json(extracted.by), "diff": difference.json,
            "analysis": [
                "steps": JSONFile.json(session.analysis), "skills": JSONFile.json(session.skills),
            ],
            "transcript": .array(
                session.transcript.turns.map {
                    [
                        "questionId": .string($0.questionID), "question": .string($0.question),
                        "answer": .string($0.answer),
                    ]
                }),
        ]
        members["note"] = extracted.note.map { .string($0) }
        return .object(members)
    }

    /// Copies what the user lets a model learn from, and tells once that there is enough of it.
    private static func train(
        _ session: InterviewSession, _ profile: Profile, _ now: Timestamp
    ) throws(InterviewError) {
        guard session.trainingConsent else { return }
        let turns = session.questions.compactMap { question in
            session.answer(to: question.id).map { answer -> JSONValue in
                [
                    "questionId": .string(question.id), "question": .string(question.prompt),
                    "category": .string(question.category.rawValue), "answer": .string(answer.content),
                ]
            }
        }
        try profile.writeTraining(
            session.sessionId,
            PrettyJSON.bytes([
                "sessionId": .string(session.sessionId.rawValue), "exportedAt": .string(now.description),
                "consent": true, "turns": .array(turns),
                "interpretation": ["steps": JSONFile.json(session.analysis), "skills": JSONFile.json(session.skills)],
                "personaDraft": JSONFile.json(session.personaDraft),
            ]))
        try profile.audit.append(InterviewEvent("training_exported", session.sessionId), at: now)
        let count = try profile.training().count
        guard count == session.plan.trainingThreshold else { return }
        try profile.audit.append(InterviewEvent("training_ready", nil, ["sessions": .integer(count)]), at: now)
    }

    private func result(_ user: String, _ id: InterviewID, isApplied: Bool) async throws(InterviewError) -> Result {
        let profile = self.extractor.model.profile
        return try await self.store.read(user) { files throws(InterviewError) in
            let session = try files.session(id)
            return Result(
                session: session, summary: (try? JSONValue(parsing: try files.summary(id))) ?? .null,
                difference: try PersonaChange(session.personaDraft, in: files).difference,
                version: PersonaCore(try files.persona(Profile.coreName)).version, isApplied: isApplied,
                profile: profile)
        }
    }

    /// Puts the draft of a finalized interview into the user's persona; a copy of the core is kept first.
    public func apply(
        _ user: String, _ id: InterviewID, version: String? = nil
    ) async throws(InterviewError) -> Result {
        try self.requireWriting()
        let now = self.timestamp
        let profile = self.extractor.model.profile
        return try await self.store.change(user) { files throws(InterviewError) in
            var machine = InterviewMachine(try files.session(id))
            guard machine.session.status == .completed else {
                throw InterviewError(.conflict, "the interview is \(machine.session.status.rawValue), not finalized")
            }
            let before = PersonaCore(try files.persona(Profile.coreName))
            try Self.require(version, before)
            let change = try PersonaChange(machine.session.personaDraft, in: files)
            try Self.write(change, files, before, now)
            let actions = try machine.applied(change.difference.fields, at: now)
            try files.log([
                "sessionId": .string(id.rawValue), "at": .string(now.description),
                "fields": .array(change.difference.fields.map { .string($0) }),
            ])
            try Self.perform(actions, machine, files)
            return Result(
                session: machine.session, summary: (try? JSONValue(parsing: try files.summary(id))) ?? .null,
                difference: change.difference, version: PersonaCore(try files.persona(Profile.coreName)).version,
                isApplied: true, profile: profile)
        }
    }

    private static func write(
        _ change: PersonaChange, _ files: Profile, _ before: PersonaCore, _ now: Timestamp
    ) throws(InterviewError) {
        try self.savePersonaCore(change.core, files, before, now)
        for (name, bytes) in [("cache.json", change.cache), ("relationships.json", change.relationships)] {
            guard let bytes else { continue }
            if let old = try files.persona(name) { try files.backUp(name, old, at: now) }
            try files.writePersona(name, bytes)
        }
    }

    /// The only way to a new core.json.
    static func savePersonaCore(
        _ bytes: [UInt8], _ files: Profile, _ before: PersonaCore, _ now: Timestamp
    ) throws(InterviewError) {
        guard bytes != before.bytes else { return }
        if before.exists { try files.backUp(Profile.coreName, before.bytes, at: now) }
        try files.writePersona(Profile.coreName, bytes)
    }

    static func require(_ version: String?, _ core: PersonaCore) throws(InterviewError) {
        guard let version, version != core.version else { return }
        throw InterviewError(.changed, "the persona was changed since you read it; read it again")
    }
}

extension Coverage {
    public var json: JSONValue {
        var members = Dictionary(
            uniqueKeysWithValues: Aspect.allCases.map { ($0.rawValue, JSONValue.integer(self[$0])) })
        members["overall"] = .integer(self.overall)
        return .object(members)
    }
}
