import Interviews
import JSON

/// One person at a terminal who is interviewed.
struct InterviewTalk: Sendable {
    let service: InterviewService
    let user: String
    let terminal: Terminal

    /// The interview that the command line names, or the one that goes on.
    func id(_ arguments: Arguments) async throws(InterviewError) -> InterviewID {
        if let text = arguments.value("session") {
            guard let id = InterviewID(rawValue: text) else {
                throw InterviewError(.notFound, "--session: there is no interview \(text)")
            }
            return try await self.service.session(self.user, id).session.sessionId
        }
        guard let step = try await self.service.active(self.user) else {
            throw InterviewError(.notFound, "no interview goes on; begin one with vaani interview")
        }
        return step.session.sessionId
    }

    /// Asks until nothing is left to ask, or the person goes.
    func hold(_ arguments: Arguments) async throws(InterviewError) -> ExitCode {
        var step = try await self.begin(arguments)
        let id = step.session.sessionId
        self.terminal.note("Interview \(id). Each line is an answer; an empty line pauses.")
        if !step.profile.configured {
            self.terminal.note("No language model is configured: the plan asks, rules sum up.")
        }
        var lines = LineReader.lines().makeAsyncIterator()
        while let question = step.session.openQuestion {
            self.terminal.print("\n\(question.prompt)")
            guard let line = await lines.next(), !line.isEmpty else { return try await self.pause(id) }
            do throws(InterviewError) {
                step = try await self.service.answer(self.user, id, line)
                self.terminal.note("known: \(step.coverage.overall) %")
            } catch {
                guard error.code == .invalid else { throw error }
                self.terminal.note(error.message)
            }
        }
        let code = try await self.finalize(id, false)
        self.terminal.print("\nPut this into your persona? [y/N]")
        guard let line = await lines.next(), line.lowercased().hasPrefix("y") else { return code }
        let result = try await self.service.apply(self.user, id)
        self.terminal.print("applied: \(result.difference.fields.count) fields")
        return .success
    }

    private func begin(_ arguments: Arguments) async throws(InterviewError) -> InterviewService.Step {
        if arguments.has("session") { return try await self.service.resume(self.user, try await self.id(arguments)) }
        var opening = InterviewService.Opening()
        opening.language = arguments.value("language").map { String($0.lowercased().prefix { $0 != "-" }) } ?? "en"
        opening.trainingConsent = arguments.has("consent")
        return try await self.service.start(self.user, opening)
    }

    private func pause(_ id: InterviewID) async throws(InterviewError) -> ExitCode {
        _ = try await self.service.pause(self.user, id)
        self.terminal.note("paused; go on with: vaani interview --user \(self.user) --session \(id)")
        return .success
    }

    func finalize(_ id: InterviewID, _ isApplied: Bool) async throws(InterviewError) -> ExitCode {
        let result = try await self.service.finalize(self.user, id, apply: isApplied)
        self.terminal.print("\n\(result.summary["summary"]?.string ?? "")")
        self.terminal.print("confidence: \(result.summary["confidence"]?["overall"]?.integer ?? 0) %")
        self.terminal.print(result.difference.text)
        if isApplied { self.terminal.print("applied: \(result.difference.fields.count) fields") }
        return .success
    }

    func status() async throws(InterviewError) -> ExitCode {
        let core = try await self.service.core(self.user)
        let name = (core.json["identity"]?["name"] ?? core.json["name"])?.string
        self.terminal.print("persona: \(core.exists ? name ?? self.user : "none yet")")
        for profile in self.service.profiles {
            self.terminal.print(
                "\(profile.role): \(profile.model)\(profile.configured ? "" : " (no model configured)")")
        }
        return .success
    }
}
