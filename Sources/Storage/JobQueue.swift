import Foundation

/// Work that waits for a thread. Bounded: a disk that has become slow refuses instead of filling the memory.
final class JobQueue<Job: Sendable>: @unchecked Sendable {
    // `@unchecked`: every variable is touched with `condition` locked.
    private let condition = NSCondition()
    private let limit: Int
    private var jobs: [Job] = []
    private var isClosed = false

    init(limit: Int) {
        self.limit = limit
    }

    /// - Throws: `busy` where the queue is full, `closed` where nobody works any more.
    func push(_ job: Job) throws(DatabaseError) {
        self.condition.lock()
        defer { self.condition.unlock() }
        guard !self.isClosed else { throw DatabaseError(.closed, "the database is closed") }
        guard self.jobs.count < self.limit else {
            throw DatabaseError(.busy, "\(self.limit) requests wait for the database already")
        }
        self.jobs.append(job)
        self.condition.signal()
    }

    /// Waits for work.
    ///
    /// - Returns: at most `count` jobs in the order in which they came; none once the queue is closed and done.
    func pop(atMost count: Int) -> [Job] {
        self.condition.lock()
        defer { self.condition.unlock() }
        while self.jobs.isEmpty, !self.isClosed { self.condition.wait() }
        let taken = Array(self.jobs.prefix(count))
        self.jobs.removeFirst(taken.count)
        return taken
    }

    /// Takes no more work; what waits is still done.
    func close() {
        self.condition.lock()
        defer { self.condition.unlock() }
        self.isClosed = true
        self.condition.broadcast()
    }
}
