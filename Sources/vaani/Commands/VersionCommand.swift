/// `vaani version`.
enum VersionCommand: Command {
    static let name = "version"
    static let summary = "Print the version."
    static let usage = ["version"]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        try arguments.requireOperands(atMost: 0)
        terminal.print("\(Version.service) \(Version.number)")
        return .success
    }
}
