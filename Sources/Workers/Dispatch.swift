/// Which call goes to which worker. A value: the pool keeps it behind a lock and acts on what it says.
struct Dispatch<Call: Equatable> {
    enum WorkerState: Equatable {
        /// Its process is being started, for the first time or after a crash.
        case starting
        case idle
        case busy(Call)
        /// Its process could not be started; it waits to try again.
        case broken
        case stopped
    }

    enum Offer: Equatable {
        case run(worker: Int)
        case queued
        case refused(WorkerError)
    }

    enum Withdrawal: Equatable {
        /// It was still waiting, and waits no longer.
        case removed
        case running(worker: Int)
        case over
    }

    private(set) var workers: [WorkerState]
    private(set) var queue: [Call] = []
    private let queueLimit: Int

    init(workers: Int, queueLimit: Int) {
        self.workers = Array(repeating: .starting, count: workers)
        self.queueLimit = queueLimit
    }

    var isStopped: Bool { self.workers.allSatisfy { $0 == .stopped } }

    mutating func offer(_ call: Call) -> Offer {
        if self.isStopped { return .refused(WorkerError(.shutDown, "the pool has been shut down")) }
        if self.workers.allSatisfy({ $0 == .broken }) { return .refused(Self.unavailable) }
        if let idle = self.workers.firstIndex(of: .idle) {
            self.workers[idle] = .busy(call)
            return .run(worker: idle)
        }
        guard self.queue.count < self.queueLimit else {
            return .refused(WorkerError(.busy, "queue of \(self.queue.count) calls is at its limit"))
        }
        self.queue.append(call)
        return .queued
    }

    /// What the worker, whose process runs, does next: the call that was already given to it, the oldest one that waits,
    /// or nothing.
    mutating func ready(_ worker: Int) -> Call? {
        switch self.workers[worker] {
        case .stopped: return nil
        case .busy(let call): return call
        case .starting, .idle, .broken: return self.takeNext(worker)
        }
    }

    /// The call is over and the process still runs.
    mutating func finished(_ worker: Int) -> Call? {
        self.workers[worker] == .stopped ? nil : self.takeNext(worker)
    }

    private mutating func takeNext(_ worker: Int) -> Call? {
        guard !self.queue.isEmpty else {
            self.workers[worker] = .idle
            return nil
        }
        let call = self.queue.removeFirst()
        self.workers[worker] = .busy(call)
        return call
    }

    /// The process has died during its call, which is over.
    mutating func crashed(_ worker: Int) {
        if self.workers[worker] != .stopped { self.workers[worker] = .starting }
    }

    /// The process has died between two calls. A call that was given to it meanwhile stays with it.
    mutating func lostIdle(_ worker: Int) {
        if self.workers[worker] == .idle { self.workers[worker] = .starting }
    }

    /// The process could not be started. Returns the calls that nobody is left to answer.
    mutating func failedToStart(_ worker: Int) -> [Call] {
        if case .busy(let call) = self.workers[worker] { self.queue.insert(call, at: 0) }
        if self.workers[worker] != .stopped { self.workers[worker] = .broken }
        guard self.workers.allSatisfy({ $0 == .broken }) else { return [] }
        defer { self.queue = [] }
        return self.queue
    }

    mutating func withdraw(_ call: Call) -> Withdrawal {
        if let position = self.queue.firstIndex(of: call) {
            self.queue.remove(at: position)
            return .removed
        }
        return self.workers.firstIndex(of: .busy(call)).map { .running(worker: $0) } ?? .over
    }

    /// No worker starts anything any more. Returns the calls that were waiting or running.
    mutating func stop() -> [Call] {
        let running = self.workers.compactMap { if case .busy(let call) = $0 { call } else { nil } }
        defer { self.queue = [] }
        self.workers = self.workers.map { _ in .stopped }
        return running + self.queue
    }

    static var unavailable: WorkerError { WorkerError(.unavailable, "no helper process can be started") }
}
