/// Work for a loop: a job of an actor that lives there, or a closure.
enum LoopWork {
    case job(UnownedJob)
    case closure(@Sendable () -> Void)
}

/// What other threads leave for a loop. Guarded by the loop's mutex.
///
/// It has no bound: what is in it are jobs that the Swift runtime hands over exactly once and may not be refused. The
/// bounds are where work begins, in the queues of sockets and sessions.
struct Mailbox {
    private(set) var work: [LoopWork] = []
    private var isWakePending = false
    private(set) var isClosed = false

    /// Keeps the work; true when the loop has to be woken for it.
    mutating func put(_ item: LoopWork) -> Bool {
        self.work.append(item)
        defer { self.isWakePending = true }
        return !self.isWakePending
    }

    mutating func takeAll() -> [LoopWork] {
        defer { self.work = [] }
        self.isWakePending = false
        return self.work
    }

    mutating func close() { self.isClosed = true }
}
