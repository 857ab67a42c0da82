import Foundation

/// The program: finds the command, runs it, and turns its end into an exit code.
@main struct Program {
    static let commands: [any Command.Type] = [
        ServeCommand.self, TalkCommand.self, CheckCommand.self, EngineCommand.self, LoadCommand.self,
        BenchCommand.self, PersonasCommand.self, InterviewCommand.self, AuditCommand.self, JobsCommand.self,
        ImportCommand.self, ExplainCommand.self, TokenCommand.self, ProviderDoubleCommand.self, VersionCommand.self,
    ]

    static func main() async {
        // A reader that closed its end of a pipe is an error of `write`, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let code = await self.run(Array(CommandLine.arguments.dropFirst()), Terminal()).rawValue
        // Not `exit`: it takes libraries down under threads that are just ending, and libcrypto crashes in one of those.
        fflush(nil)
        _exit(code)
    }

    static func run(_ words: [String], _ terminal: Terminal) async -> ExitCode {
        do throws(CommandError) {
            return try await self.dispatch(words, terminal)
        } catch {
            terminal.fail(error)
            if error.exit == .usage { terminal.note("Try: vaani \(self.helpWords(for: words))") }
            return error.exit
        }
    }

    private static func dispatch(_ words: [String], _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        guard let name = words.first else {
            Help.overview(self.commands).forEach(terminal.note)
            return .usage
        }
        switch name {
        case "help", "--help", "-h": return try self.help(words.dropFirst().first, terminal)
        case "--version": return try await VersionCommand.run(try Arguments(parsing: [], flags: []), terminal)
        default: break
        }
        let command = try self.command(name)
        let arguments = try Arguments(parsing: words.dropFirst(), flags: command.flags + [.help])
        if arguments.has("help") { return try self.help(name, terminal) }
        return try await command.run(arguments, terminal)
    }

    private static func command(_ name: String) throws(CommandError) -> any Command.Type {
        if let command = self.commands.first(where: { $0.name == name }) { return command }
        let hint = Suggestion.hint(for: name, among: self.commands.map { $0.name } + ["help"])
        throw CommandError(.usage, "there is no command \(name)\(hint)")
    }

    private static func help(_ name: String?, _ terminal: Terminal) throws(CommandError) -> ExitCode {
        let lines = try name.map { name throws(CommandError) in Help.text(of: try self.command(name)) }
        (lines ?? Help.overview(self.commands)).forEach(terminal.print)
        return .success
    }

    private static func helpWords(for words: [String]) -> String {
        self.commands.contains { $0.name == words.first } ? "\(words[0]) --help" : "help"
    }
}
