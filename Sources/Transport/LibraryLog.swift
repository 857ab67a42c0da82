import CLibWebSockets
import Observability
import Synchronization

/// The library's own messages, at most a few a second: a broken peer must not fill a disk.
enum LibraryLog {
    private struct State {
        var log = Log.disabled
        var isInstalled = false
        var second: Int64 = 0
        var lines = 0
    }

    private static let state = Mutex(State())
    private static let linesPerSecond = 5

    static func use(_ log: Log) {
        self.state.withLock { $0.log = log }
    }

    static func install() {
        let isFirst = self.state.withLock { state in
            defer { state.isInstalled = true }
            return !state.isInstalled
        }
        guard isFirst else { return }
        lws_set_log_level(Int32(LLL_ERR | LLL_WARN)) { level, line in
            guard let line else { return }
            LibraryLog.record(level, String(cString: line))
        }
    }

    private static func record(_ level: Int32, _ line: String) {
        guard !self.isNoise(line) else { return }
        let second = ContinuousClock.now.secondsSinceStart
        let log: Log? = self.state.withLock { state in
            if state.second != second { (state.second, state.lines) = (second, 0) }
            state.lines += 1
            return state.lines <= self.linesPerSecond ? state.log : nil
        }
        // Its errors are mostly what a peer did: nothing that an operator has to mend.
        log?.debug("libwebsockets", [.errorMessage: .text(line.trimmingNewline), .errorCode: .integer(Int(level))])
    }

    /// The library says at the level of errors that it is about to serve bytes that were read before.
    private static func isNoise(_ line: String) -> Bool {
        line.hasSuffix(": calling service\n") || line.hasSuffix(": deferring handling ah\n")
    }
}

extension String {
    fileprivate var trimmingNewline: String { self.hasSuffix("\n") ? String(self.dropLast()) : self }
}

extension ContinuousClock.Instant {
    private static let start = ContinuousClock.now

    /// Whole seconds since the first use.
    var secondsSinceStart: Int64 { (self - Self.start).components.seconds }
}
