import Gateway
import Interviews
import Observability

/// `vaani interview`: holds a guided interview in the terminal, over the same files as a running server.
enum InterviewCommand: Command {
    static let name = "interview"
    static let summary = "Be interviewed in the terminal, and make a persona of the answers."
    static let usage = [
        "interview [--user ID] [--session ID] [--language TAG]", "interview --finalize [--apply] --session ID",
        "interview --expire DAYS [--dry-run]", "interview --status",
    ]
    static let flags =
        [
            Flag("user", "ID", "Whose interview it is. [local]"),
            Flag("session", "ID", "Go on with this interview."),
            Flag("language", "TAG", "Of the questions of a new interview, such as en or hi. [en]"),
            Flag("consent", nil, "The answers of a new interview may train a model."),
            Flag("finalize", nil, "Sum the interview up and show the difference, without a question."),
            Flag("apply", nil, "With --finalize: put the result into the persona."),
            Flag("expire", "DAYS", "Put interviews away that nobody answered for so long, of everybody or of --user."),
            Flag("dry-run", nil, "With --expire: only say which."),
            Flag("status", nil, "Say whose persona there is, and who asks."),
        ] + Configuration.flags(for: ["personas", "data_dir", "personas_read_only", "models_file"])
    static let details = [
        "Each line is an answer; an empty line, or the end of the input, pauses. With nothing left to ask the answers are",
        "summed up, the difference is shown, and you decide whether it goes into the persona.",
    ]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        try arguments.requireOperands(atMost: 0)
        let configuration = try Configuration.read(arguments, terminal)
        let folder = try DataDirectory.find(configuration.dataDirectory, terminal.environment)
        let name = arguments.value("user") ?? "local"
        guard let user = UserID(name)?.rawValue else { throw CommandError(.usage, "--user: \"\(name)\" is no user id") }
        let models = try ModelServices.open(configuration, log: .disabled, metrics: MetricsRegistry())
        let result: Result<ExitCode, CommandError>
        do throws(CommandError) {
            let service = try InterviewService(configuration, dataDirectory: folder, models: models)
            let talk = InterviewTalk(service: service, user: user, terminal: terminal)
            result = .success(try await self.run(talk, arguments))
        } catch {
            result = .failure(error)
        }
        await models?.close()
        return try result.get()
    }

    private static func run(_ talk: InterviewTalk, _ arguments: Arguments) async throws(CommandError) -> ExitCode {
        do throws(InterviewError) {
            if arguments.has("status") { return try await talk.status() }
            if let days = try arguments.days {
                return try await self.expire(arguments, days, talk.service, talk.terminal)
            }
            guard arguments.has("finalize") else { return try await talk.hold(arguments) }
            return try await talk.finalize(try await talk.id(arguments), arguments.has("apply"))
        } catch {
            throw error.forCommand
        }
    }

    private static func expire(
        _ arguments: Arguments, _ days: Int, _ service: InterviewService, _ terminal: Terminal
    ) async throws(InterviewError) -> ExitCode {
        let isDry = arguments.has("dry-run")
        let users = if let user = arguments.value("user") { [user] } else { try await service.users() }
        for user in users {
            for id in try await service.expire(user, days: days, isDry: isDry) {
                terminal.print("\(user) \(id)\(isDry ? " would be" : "") put away")
            }
        }
        return .success
    }
}

extension Arguments {
    fileprivate var days: Int? {
        get throws(InterviewError) {
            guard let text = self.value("expire") else { return nil }
            guard let days = Int(text), (1...3_650).contains(days) else {
                throw InterviewError(.invalid, "--expire: \"\(text)\" is not 1 to 3650")
            }
            return days
        }
    }
}

extension InterviewError {
    /// One line and the exit code that fits.
    var forCommand: CommandError {
        switch self.code {
        case .invalid: CommandError(.usage, self.message)
        case .unusable: CommandError(.configuration, self.message)
        case .unavailable: CommandError(.cannotKeep, self.message)
        case .forbidden: CommandError(.noPermission, self.message)
        default: CommandError(.badData, self.message)
        }
    }
}
