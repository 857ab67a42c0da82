import LoadTest
import Synchronization

/// How a load test goes on: one line that changes for a person, a line every five seconds for a file.
final class LoadProgressLine: Sendable {
    private struct State {
        var stage: LoadRun.Progress.Stage?
        var printedAt = 0.0
        var width = 0
    }

    private static let secondsBetweenLines = 5.0

    private let terminal: Terminal
    private let state = Mutex(State())

    init(_ terminal: Terminal) {
        self.terminal = terminal
    }

    func show(_ progress: LoadRun.Progress) {
        let text = Self.text(progress)
        self.state.withLock { state in
            if self.terminal.isErrorInteractive {
                let blanks = String(repeating: " ", count: max(0, state.width - text.count))
                self.terminal.noteInPlace("\r\(text)\(blanks)")
                state.width = text.count
            } else if state.stage != progress.stage
                || progress.sample.second - state.printedAt >= Self.secondsBetweenLines
            {
                self.terminal.note(text)
                state.printedAt = progress.sample.second
            }
            state.stage = progress.stage
        }
    }

    /// Leaves the last line as it is.
    func end() {
        if self.terminal.isErrorInteractive { self.terminal.note() }
    }

    static func text(_ progress: LoadRun.Progress) -> String {
        let sample = progress.sample
        var parts = [
            "\(Int(sample.second.rounded())) s", progress.stage.rawValue,
            "\(sample.connected) of \(progress.users) users",
        ]
        if let added = sample.added {
            parts.append("added p50 \(self.milliseconds(added.p50)) p99 \(self.milliseconds(added.p99)) ms")
        }
        if let first = sample.firstAudio { parts.append("first audio p95 \(self.milliseconds(first.p95)) ms") }
        if let cores = sample.gatewayCores { parts.append("gateway \(Int((cores * 100).rounded())) %") }
        if let cores = sample.generatorCores { parts.append("generator \(Int((cores * 100).rounded())) %") }
        parts.append(sample.errors == 1 ? "1 error" : "\(sample.errors) errors")
        return parts.joined(separator: ", ")
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let tenths = Int((duration / .milliseconds(0.1)).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
