/// How the program ends, in the words of sysexits.h where they fit.
enum ExitCode: Int32, Sendable {
    case success = 0
    /// A check found something wrong.
    case checkFailed = 1
    /// The command line is wrong.
    case usage = 64
    /// An input file is wrong.
    case badData = 65
    /// Something that was needed is not there: a server, a port, a helper program.
    case unavailable = 69
    /// A fault of this program.
    case internalFault = 70
    /// The data directory takes nothing: read-only, full, or damaged.
    case cannotKeep = 73
    /// The operating system does not allow it.
    case noPermission = 77
    /// The configuration is wrong.
    case configuration = 78
}

/// Why a command cannot go on: one line for people, and the exit code.
struct CommandError: Error, Equatable, CustomStringConvertible {
    let exit: ExitCode
    /// What is wrong, and what to do about it.
    let description: String

    init(_ exit: ExitCode, _ description: String) {
        self.exit = exit
        self.description = description
    }
}
