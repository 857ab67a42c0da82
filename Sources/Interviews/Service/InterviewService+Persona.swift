import Foundation
import JSON

// The user's persona itself, and what is made of all interviews together.
extension InterviewService {
    public func core(_ user: String) async throws(InterviewError) -> PersonaCore {
        try await self.reading(user, PersonaCore(nil)) { files throws(InterviewError) in
            PersonaCore(try files.persona(Profile.coreName))
        }
    }

    /// Puts another core in the place of the user's; a copy of the old one is kept.
    ///
    /// - Parameter bytes: one JSON object, kept as it is.
    public func saveCore(
        _ user: String, _ bytes: [UInt8], version: String?
    ) async throws(InterviewError) -> PersonaCore {
        try self.requireWriting()
        guard (try? JSONValue(parsing: bytes))?.object != nil else {
            throw InterviewError(.invalid, "a persona's core is a JSON object", field: "body")
        }
        let now = self.timestamp
        return try await self.store.change(user, creating: true) { files throws(InterviewError) in
            let before = PersonaCore(try files.persona(Profile.coreName))
            try Self.require(version, before)
            try Self.savePersonaCore(bytes, files, before, now)
            try files.audit.append(InterviewEvent("persona_core_saved", nil, ["bytes": .integer(bytes.count)]), at: now)
            return PersonaCore(bytes)
        }
    }

    /// The same extractor that interviews use, for whatever else asks people about themselves. Nothing is kept.
    public func extract(_ transcript: Transcript, user: String) async throws(InterviewError) -> JSONValue {
        guard (1...200).contains(transcript.turns.count) else {
            throw InterviewError(
                .invalid, "a transcript of \(transcript.turns.count) turns is not 1 to 200", field: "transcript")
        }
        let extracted = await self.extractor.extract(transcript, user: user)
        return [
            "success": true, "persona": JSONFile.json(extracted.draft), "llmProfile": JSONFile.json(extracted.by),
        ]
    }

    // MARK: Proposals

    /// Facets that the answers propose: one for each aspect that came up in at least two of them. A proposal alone.
    public func facets(_ user: String, _ id: InterviewID) async throws(InterviewError) -> JSONValue {
        let session = try await self.session(user, id).session
        let proposals = Aspect.allCases.compactMap { aspect -> JSONValue? in
            let answers = session.answers.filter { answer in
                answer.tags.contains(aspect)
                    || session.questions.contains { $0.id == answer.questionId && $0.category == aspect }
            }
            guard answers.count >= 2 else { return nil }
            return [
                "facet": .string(aspect.rawValue), "answers": .integer(answers.count),
                "evidence": .array(answers.map { .string($0.questionId) }),
            ]
        }
        return ["sessionId": .string(id.rawValue), "proposals": .array(proposals)]
    }

    // MARK: Figures

    /// How many interviews began and how they ended, from the audit alone.
    public func stats(_ user: String) async throws(InterviewError) -> JSONValue {
        let events = try await self.reading(user, []) { files throws(InterviewError) in try files.audit.events() }
        func count(_ name: String) -> Int { events.count { $0["event"]?.string == name } }
        let (started, completed) = (count("session_started"), count("session_finalized"))
        return [
            "sessions": .integer(started), "completed": .integer(completed),
            "aborted": .integer(count("session_aborted")),
            "expired": .integer(count("session_expired")), "applied": .integer(count("persona_applied")),
            "answers": .integer(count("answer_recorded")), "trainingSessions": .integer(count("training_exported")),
            "completionRate": .number(started == 0 ? 0 : Double(completed) / Double(started)),
        ]
    }

    /// What may train a model: the interviews whose user agreed, and no other.
    public func training(_ user: String) async throws(InterviewError) -> [JSONValue] {
        try await self.reading(user, []) { files throws(InterviewError) in try files.training() }
    }

    // MARK: The audit

    /// The first fault in each user's trail.
    ///
    /// - Parameter user: nil for everybody.
    public func auditFaults(of user: String? = nil) async throws(InterviewError) -> [(user: String, fault: String)] {
        var faults: [(user: String, fault: String)] = []
        let users = if let user { [user] } else { try await self.store.users() }
        for user in users {
            let fault = try await self.reading(user, nil) { files throws(InterviewError) in try files.audit.fault() }
            if let fault { faults.append((user, fault)) }
        }
        return faults
    }

    public func users() async throws(InterviewError) -> [String] { try await self.store.users() }

    // MARK: Putting away

    /// Puts interviews away that nobody has answered for too long.
    ///
    /// - Parameters:
    ///   - days: nil for as many as the plan says.
    ///   - isDry: only says which.
    /// - Returns: what was, or would be, put away.
    public func expire(
        _ user: String, days: Int? = nil, isDry: Bool
    ) async throws(InterviewError) -> [InterviewID] {
        if !isDry { try self.requireWriting() }
        let limit = if let days { days } else { try self.roles.plan().expiryDays }
        let now = self.now()
        do throws(InterviewError) {
            return try await self.store.change(user) { files throws(InterviewError) in
                try Self.expire(files, before: limit, now: now, isDry: isDry)
            }
        } catch {
            guard error.code == .notFound else { throw error }
            return []
        }
    }

    @discardableResult
    static func expire(
        _ files: Profile, before days: Int, now: Date, isDry: Bool
    ) throws(InterviewError) -> [InterviewID] {
        let limit = Timestamp(now.addingTimeInterval(-Double(days) * 86_400))
        var expired: [InterviewID] = []
        for entry in try files.index().sessions where entry.status == .active && entry.updatedAt < limit {
            guard var session = try? files.session(entry.sessionId), session.status == .active,
                session.updatedAt < limit
            else { continue }
            expired.append(session.sessionId)
            guard !isDry else { continue }
            session.status = .aborted
            session.abortedAt = Timestamp(now)
            try files.save(session)
            try files.archive(session.sessionId)
            try files.audit.append(
                InterviewEvent("session_expired", session.sessionId, ["days": .integer(days)]), at: Timestamp(now))
        }
        return expired
    }
}
