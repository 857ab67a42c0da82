import JSON

/// How a job goes on, as far as its events have told.
struct JobProgress: Sendable, Equatable {
    private static let barWidth = 30
    private(set) var total: Int
    private(set) var completed = 0
    private(set) var failed = 0
    private var seen: Set<String> = []
    /// The last event.
    private(set) var results: JSONValue?

    /// - Parameter total: personas of the job; 0 where it is not known yet.
    init(total: Int) { self.total = total }

    var isGood: Bool { self.results != nil && self.failed == 0 }

    /// - Returns: a line for a log, or nil where there is nothing worth one.
    mutating func take(_ event: JSONValue) -> String? {
        switch event["type"]?.string {
        case "persona_progress": return self.progress(event)
        case "results":
            self.results = event["results"]
            self.total = event["results"]?["total_personas"]?.integer ?? self.total
            return "\(self.completed) completed, \(self.failed) failed"
        default: return nil
        }
    }

    private mutating func progress(_ event: JSONValue) -> String? {
        let id = event["persona_id"]?.string ?? ""
        self.seen.insert(id)
        self.total = max(self.total, self.seen.count)
        switch event["status"]?.string {
        case "completed":
            self.completed += 1
            return "completed \(id)"
        case "failed":
            self.failed += 1
            return "failed \(id): \(event["error"]?.string ?? "no reason")"
        default:
            let attempt = event["attempt"]?.integer ?? 1
            return attempt > 1 ? "attempt \(attempt) at \(id)" : nil
        }
    }

    /// `[######......] 12 of 50, 1 failed`
    var bar: String {
        let done = self.completed + self.failed
        let filled = self.total == 0 ? 0 : Self.barWidth * done / self.total
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.barWidth - filled)
        return "[\(bar)] \(done) of \(self.total)" + (self.failed > 0 ? ", \(self.failed) failed" : "")
    }
}

/// Shows a job: a bar for a person, a line an event for a pipe.
struct JobWatch {
    let client: StudioClient
    let terminal: Terminal

    /// - Parameter total: personas of the job, where that is known.
    func watch(_ id: String, total: Int) async throws(CommandError) -> JobProgress {
        var progress = JobProgress(total: total)
        let terminal = self.terminal
        let isInPlace = terminal.isErrorInteractive
        if isInPlace { terminal.noteInPlace("\r\(progress.bar)") }
        try await self.client.events(ofJob: id) { (event) throws(CommandError) in
            let line = progress.take(event)
            if isInPlace {
                terminal.noteInPlace("\r\(progress.bar)\u{1B}[K")
            } else if let line {
                terminal.note(line)
            }
        }
        if isInPlace { terminal.note() }
        guard progress.results != nil else {
            throw CommandError(.unavailable, "the stream of job \(id) ended before its results; watch it again")
        }
        return progress
    }
}
