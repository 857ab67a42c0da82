import ClientProtocol
import Gateway

/// `vaani explain CODE`.
enum ExplainCommand: Command {
    static let name = "explain"
    static let summary = "Say what an error code, close code or refusal means."
    static let usage = ["explain CODE", "explain"]
    static let details = [
        "Without a code it lists them all. Examples:", "  vaani explain 4409", "  vaani explain bad_audio",
    ]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        try arguments.requireOperands(atMost: 1)
        guard let code = arguments.operands.first else {
            self.everything.lines().forEach(terminal.print)
            return .success
        }
        let lines = self.explanation(of: code)
        guard !lines.isEmpty else {
            let hint = Suggestion.hint(for: code, among: self.words)
            throw CommandError(.usage, "there is no code \(code)\(hint)")
        }
        lines.forEach(terminal.print)
        return .success
    }

    /// All that a code can mean, one line or more for each.
    static func explanation(of code: String) -> [String] {
        var lines: [String] = []
        if let number = Int(code), let close = CloseCode(rawValue: number) {
            lines += [
                "\(number): close code of the WebSocket", "  \(close.meaning)", "  \(self.retry(close.isRetriable))",
            ]
        }
        if code == "1006" {
            lines += ["1006: the connection broke without a close frame", "  \(self.retry(true))"]
        }
        if let error = ErrorCode(rawValue: code) {
            lines += ["\(code): code of an error event", "  \(error.meaning)", "  \(self.retry(error.isRetriable))"]
        }
        for refusal in ErrorResponse.registry where refusal.code == code || String(refusal.status) == code {
            lines += ["\(refusal.code): HTTP status \(refusal.status)", "  \(refusal.message)"]
        }
        return lines
    }

    private static func retry(_ isRetriable: Bool) -> String {
        isRetriable ? "Try again, after a pause." : "Trying the same again does not help."
    }

    private static var words: [String] {
        CloseCode.allCases.map { String($0.rawValue) } + ErrorCode.allCases.map(\.rawValue)
            + ErrorResponse.registry.map(\.code)
    }

    private static var everything: TextTable {
        var table = TextTable()
        for close in CloseCode.allCases { table.add(String(close.rawValue), "close", close.meaning) }
        for error in ErrorCode.allCases { table.add(error.rawValue, "error", error.meaning) }
        for refusal in ErrorResponse.registry { table.add(refusal.code, "HTTP \(refusal.status)", refusal.message) }
        return table
    }
}
