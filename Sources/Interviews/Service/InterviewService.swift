import Foundation
import JSON
import LanguageModels

/// Interviews from the first question to the applied persona: loads, lets `InterviewMachine` decide, keeps, asks models.
public struct InterviewService: Sendable {
    /// What a caller is told after each step.
    public struct Step: Sendable, Equatable {
        public var session: InterviewSession
        public var isComplete: Bool
        /// Whether an interview that had begun before goes on.
        public var isResumed: Bool
        public var profile: LLMProfile

        public var coverage: Coverage { Coverage(self.session) }
    }

    /// How an interview begins.
    public struct Opening: Sendable, Equatable {
        public var language = "en"
        public var trainingConsent = false
        public var overrides = InterviewPlan.Overrides()

        public init() {}
    }

    let store: InterviewStore
    public let roles: InterviewRoles
    let interviewer: Interviewer
    let extractor: PersonaExtractor
    /// Whether users' files may be read alone.
    let isReadOnly: Bool
    let now: @Sendable () -> Date

    /// - Parameters:
    ///   - model: answers for the roles; nil where no model is configured, and rules do.
    ///   - modelName: what answers in a role, for people to read.
    public init(
        store: InterviewStore, roles: InterviewRoles, model: (any LanguageModel)? = nil,
        modelName: @escaping @Sendable (ModelRole) -> String? = { _ in nil }, isReadOnly: Bool = false,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.store = store
        self.roles = roles
        self.interviewer = Interviewer(
            model: RoleModel(model, in: Interviewer.roles, modelName: modelName) {
                roles.prompt(ModelRole.psychotherapist.rawValue)
            })
        self.extractor = PersonaExtractor(
            model: RoleModel(model, in: [.curator], modelName: modelName) {
                roles.prompt(ModelRole.curator.rawValue)
            })
        self.isReadOnly = isReadOnly
        self.now = now
    }

    /// Who asks, and who sums up.
    public var profiles: [LLMProfile] { [self.interviewer.model.profile, self.extractor.model.profile] }

    var timestamp: Timestamp { Timestamp(self.now()) }

    func requireWriting() throws(InterviewError) {
        guard self.isReadOnly else { return }
        throw InterviewError(.forbidden, "personas are read-only here; the setting personas_read_only says so")
    }

    // MARK: Steps

    /// Goes on with the user's interview, or begins one. One that nobody has answered for too long is put away first.
    public func start(_ user: String, _ opening: Opening = Opening()) async throws(InterviewError) -> Step {
        try self.requireWriting()
        let plan = try self.roles.plan()
        let now = self.now()
        let begun = try await self.store.change(user, creating: true) {
            profile throws(InterviewError) -> (machine: InterviewMachine, actions: [InterviewMachine.Action], old: Bool)
            in
            try Self.expire(profile, before: plan.expiryDays, now: now, isDry: false)
            if let session = try profile.active() {
                var machine = InterviewMachine(session)
                let actions = try machine.resumed(at: Timestamp(now))
                try Self.perform(actions, machine, profile)
                return (machine, actions, true)
            }
            let plan = try plan.changed(by: opening.overrides)
            var machine = InterviewMachine(
                InterviewSession(
                    sessionId: try profile.newID(at: now), plan: plan, language: opening.language,
                    trainingConsent: opening.trainingConsent, at: Timestamp(now)))
            let actions = machine.began(at: Timestamp(now))
            try Self.perform(actions, machine, profile)
            return (machine, actions, false)
        }
        let machine = try await self.think(begun.actions, begun.machine, user)
        return self.step(machine, isResumed: begun.old)
    }

    /// An answer, to the open question where none is named; then the next question.
    public func answer(
        _ user: String, _ id: InterviewID, _ content: String, to questionID: String? = nil,
        source: InterviewSession.Answer.Source = .text
    ) async throws(InterviewError) -> Step {
        try await self.change(user, id) { machine, now throws(InterviewError) in
            try machine.answered(content, to: questionID, source: source, at: now)
        }
    }

    public func pause(_ user: String, _ id: InterviewID) async throws(InterviewError) -> Step {
        try await self.change(user, id) { machine, now throws(InterviewError) in try machine.paused(at: now) }
    }

    public func resume(_ user: String, _ id: InterviewID) async throws(InterviewError) -> Step {
        try await self.change(user, id) { machine, now throws(InterviewError) in try machine.resumed(at: now) }
    }

    /// What the interviewer asked in a call.
    public func heardQuestion(
        _ user: String, _ id: InterviewID, _ words: String
    ) async throws(InterviewError) -> Step {
        try await self.change(user, id) { machine, now throws(InterviewError) in
            try machine.heardQuestion(words, at: now)
        }
    }

    /// Ends an interview without a result.
    ///
    /// - Parameter deletingTranscript: also takes out the file with what was said.
    public func discard(
        _ user: String, _ id: InterviewID, deletingTranscript: Bool
    ) async throws(InterviewError) -> Step {
        try self.requireWriting()
        let now = self.timestamp
        let machine = try await self.store.change(user) { profile throws(InterviewError) in
            var machine = InterviewMachine(try Self.discardable(id, in: profile, at: now))
            try Self.perform(try machine.discarded(at: now), machine, profile)
            if deletingTranscript, profile.hasTranscript(id) {
                try profile.removeTranscript(id)
                try profile.audit.append(InterviewEvent("transcript_deleted", id), at: now)
            }
            return machine
        }
        return self.step(machine)
    }

    /// The session; where its transcript is gone already, what the index still knows of it.
    private static func discardable(
        _ id: InterviewID, in profile: Profile, at now: Timestamp
    ) throws(InterviewError) -> InterviewSession {
        do throws(InterviewError) {
            return try profile.session(id)
        } catch {
            guard error == .noSuchInterview, let entry = try profile.index().entry(id), entry.status == .aborted else {
                throw error
            }
            var session = InterviewSession(
                sessionId: id, plan: .empty, language: "en", trainingConsent: false, at: entry.createdAt)
            session.status = .aborted
            return session
        }
    }

    private func change(
        _ user: String, _ id: InterviewID,
        _ decide:
            @escaping @Sendable (inout InterviewMachine, Timestamp) throws(InterviewError) ->
            [InterviewMachine.Action]
    ) async throws(InterviewError) -> Step {
        try self.requireWriting()
        let now = self.timestamp
        let changed = try await self.store.change(user) {
            profile throws(InterviewError) -> (machine: InterviewMachine, actions: [InterviewMachine.Action]) in
            var machine = InterviewMachine(try profile.session(id))
            let actions = try decide(&machine, now)
            try Self.perform(actions, machine, profile)
            return (machine, actions)
        }
        return self.step(try await self.think(changed.actions, changed.machine, user))
    }

    /// Lets the interviewer think where the machine wants it. No lock is held meanwhile; what came of it counts for the
    /// session as it is then.
    private func think(
        _ actions: [InterviewMachine.Action], _ machine: InterviewMachine, _ user: String
    ) async throws(InterviewError) -> InterviewMachine {
        var machine = machine
        for case .consider(let question) in actions {
            try self.roles.requireInterviews(self.interviewer.model.profile.role)
            let id = machine.session.sessionId
            let thought = await self.interviewer.consider(question, in: machine.session, user: user)
            let now = self.timestamp
            machine = try await self.store.change(user) { profile throws(InterviewError) in
                var machine = InterviewMachine(try profile.session(id))
                try Self.perform(machine.considered(thought, of: question, at: now), machine, profile)
                return machine
            }
        }
        return machine
    }

    static func perform(
        _ actions: [InterviewMachine.Action], _ machine: InterviewMachine, _ profile: Profile
    ) throws(InterviewError) {
        if actions.contains(.save) { try profile.save(machine.session) }
        for case .audit(let event) in actions {
            try profile.audit.append(event, at: machine.session.updatedAt)
        }
    }

    func step(_ machine: InterviewMachine, isResumed: Bool = false) -> Step {
        Step(
            session: machine.session, isComplete: machine.isComplete, isResumed: isResumed,
            profile: self.interviewer.model.profile)
    }
}
