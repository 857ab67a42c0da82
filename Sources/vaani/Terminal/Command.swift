/// One subcommand of the program.
protocol Command: Sendable {
    static var name: String { get }
    /// One line for the list of commands.
    static var summary: String { get }
    /// What follows `vaani`, one line for each way to call it.
    static var usage: [String] { get }
    static var flags: [Flag] { get }
    /// Further lines of help, such as examples.
    static var details: [String] { get }

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode
}

extension Command {
    static var flags: [Flag] { [] }
    static var details: [String] { [] }
}
