import Glibc
import Observability

/// One worker: keeps a helper process running and gives it one call after the other. Lives on its own thread.
struct Worker: Sendable {
    private static let startTimeout = Duration.seconds(10)

    let index: Int
    let alarm: Alarm
    let core: PoolCore

    func run() {
        var failures = 0
        while !self.core.isStopped {
            let served = self.serveOneProcess()
            failures = served ? 0 : failures + 1
            if !self.core.isStopped { self.core.figures.restarted() }
            self.pause(Self.backoff(afterFailures: failures))
        }
        self.core.threadEnded()
    }

    /// None after a process that has answered something, then 100 ms, doubled up to 5 s.
    static func backoff(afterFailures failures: Int) -> Duration {
        failures == 0 ? .zero : min(.seconds(5), .milliseconds(100) * (1 << min(failures - 1, 10)))
    }

    /// From the start of a process to its end. Returns whether it completed a call.
    private func serveOneProcess() -> Bool {
        do {
            var line = try HelperLine(self.core.configuration, alarm: self.alarm)
            try line.awaitReady(until: .now + Self.startTimeout)
            self.core.setProcessID(line.processID, of: self.index)
            defer { self.core.setProcessID(nil, of: self.index) }
            return self.serve(&line)
        } catch {
            self.core.log.warning("helper does not start", [.errorMessage: .text(error.message)])
            self.core.failedToStart(self.index)
            return false
        }
    }

    private func serve(_ line: inout HelperLine) -> Bool {
        var completed = false
        var next = self.core.ready(self.index)
        while !self.core.isStopped {
            guard let call = next else {
                guard line.waitWhileIdle() else {
                    self.core.lostIdle(self.index)
                    self.core.log.warning("helper died while idle", [.processID: .integer(Int(line.processID))])
                    return completed
                }
                next = self.core.ready(self.index)
                continue
            }
            guard self.perform(call, on: &line) else {
                self.core.crashed(self.index)
                return completed
            }
            completed = true
            next = self.core.finished(self.index)
        }
        return true
    }

    /// Returns whether the process can take another call.
    private func perform(_ call: Call, on line: inout HelperLine) -> Bool {
        let start = ContinuousClock.now
        let end = line.exchange(call, until: start + self.core.configuration.callTimeout) { self.core.isStopped }
        self.core.figures.took(.now - start)
        switch end {
        case .answered(let error):
            self.core.figures.count(call.isCancelled ? "cancelled" : error?.code.rawValue ?? "ok")
            call.finish(error)
            return true
        case .broken(let error):
            self.core.figures.count(error.code.rawValue)
            self.core.log.warning(
                "helper lost during a call",
                [.processID: .integer(Int(line.processID)), .errorCode: .text(error.code.rawValue)])
            call.finish(error)
            return false
        }
    }

    private func pause(_ duration: Duration) {
        let deadline = ContinuousClock.now + duration
        while !self.core.isStopped, .now < deadline {
            self.alarm.silence()
            _ = waitFor(descriptor: -1, events: 0, alarm: self.alarm, until: deadline)
        }
    }
}
