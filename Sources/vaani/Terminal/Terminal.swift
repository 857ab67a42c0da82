import Foundation

/// The person or the pipe at the other end: data on standard output, notes on standard error.
struct Terminal: Sendable {
    let environment: [String: String]
    /// Whether a person watches standard output.
    let isOutputInteractive: Bool
    /// Whether a person watches standard error.
    let isErrorInteractive: Bool
    /// Whether a person types on standard input.
    let isInputInteractive: Bool

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
        self.isOutputInteractive = isatty(STDOUT_FILENO) == 1
        self.isErrorInteractive = isatty(STDERR_FILENO) == 1
        self.isInputInteractive = isatty(STDIN_FILENO) == 1
    }

    /// Colours and moving lines: on a terminal that can show them, unless NO_COLOR says otherwise (no-color.org).
    var hasColour: Bool {
        self.isErrorInteractive && self.environment["NO_COLOR", default: ""].isEmpty
            && self.environment["TERM"] != "dumb"
    }

    /// A line of data.
    func print(_ line: String = "") {
        Self.write(line + "\n", to: STDOUT_FILENO)
    }

    /// A line for the person, on standard error.
    func note(_ line: String = "") {
        Self.write(line + "\n", to: STDERR_FILENO)
    }

    /// Text for the person, without a newline.
    func noteInPlace(_ text: String) {
        Self.write(text, to: STDERR_FILENO)
    }

    func fail(_ error: CommandError) {
        self.note("vaani: \(error.description)")
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else {
                if written < 0, errno == EINTR { continue }
                return
            }
            rest = rest.dropFirst(written)
        }
    }

    func bold(_ text: String) -> String { self.styled(text, "1") }
    func dim(_ text: String) -> String { self.styled(text, "2") }
    func green(_ text: String) -> String { self.styled(text, "32") }
    func red(_ text: String) -> String { self.styled(text, "31") }

    private func styled(_ text: String, _ code: String) -> String {
        self.hasColour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
