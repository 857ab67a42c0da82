import Observability
import Synchronization

/// What a pool and the threads of its workers share.
final class PoolCore: Sendable {
    private struct State {
        var dispatch: Dispatch<Call>
        var processIDs: [Int: Int32] = [:]
        var runningThreads = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    let configuration: WorkerPool.Configuration
    let log: Log
    let figures: PoolMetrics
    private let state: Mutex<State>
    private let alarms: [Alarm]

    init(_ configuration: WorkerPool.Configuration, name: String, log: Log, metrics: MetricsRegistry) {
        self.configuration = configuration
        self.log = log
        self.figures = PoolMetrics(pool: name, metrics)
        self.alarms = (0..<configuration.size).map { _ in Alarm() }
        let dispatch = Dispatch<Call>(workers: configuration.size, queueLimit: configuration.queueLimit)
        self.state = Mutex(State(dispatch: dispatch))
    }

    func start() {
        for index in self.alarms.indices {
            let worker = Worker(index: index, alarm: self.alarms[index], core: self)
            self.state.withLock { $0.runningThreads += 1 }
            runThread { worker.run() }
        }
    }

    func offer(_ call: Call) {
        switch self.state.withLock({ $0.dispatch.offer(call) }) {
        case .run(let worker): self.alarms[worker].ring()
        case .queued: break
        case .refused(let error):
            self.figures.count(error.code.rawValue)
            call.finish(error)
        }
    }

    func cancel(_ call: Call) {
        call.cancel()
        if case .running(let worker) = self.state.withLock({ $0.dispatch.withdraw(call) }) {
            self.alarms[worker].ring()
        }
    }

    func stop() {
        let calls = self.state.withLock { $0.dispatch.isStopped ? [] : $0.dispatch.stop() }
        for call in calls { call.finish(WorkerError(.shutDown, "the pool has been shut down")) }
        for alarm in self.alarms { alarm.ring() }
    }

    func stopped() async {
        await withCheckedContinuation { waiter in
            let isOver = self.state.withLock { state in
                if state.runningThreads > 0 { state.waiters.append(waiter) }
                return state.runningThreads == 0
            }
            if isOver { waiter.resume() }
        }
    }

    var processIDs: [Int32] { self.state.withLock { Array($0.processIDs.values) } }
}

/// What a worker's thread asks and tells.
extension PoolCore {
    var isStopped: Bool { self.state.withLock { $0.dispatch.isStopped } }

    func ready(_ worker: Int) -> Call? { self.state.withLock { $0.dispatch.ready(worker) } }

    func finished(_ worker: Int) -> Call? { self.state.withLock { $0.dispatch.finished(worker) } }

    func crashed(_ worker: Int) { self.state.withLock { $0.dispatch.crashed(worker) } }

    func lostIdle(_ worker: Int) { self.state.withLock { $0.dispatch.lostIdle(worker) } }

    func failedToStart(_ worker: Int) {
        for call in self.state.withLock({ $0.dispatch.failedToStart(worker) }) {
            call.finish(Dispatch<Call>.unavailable)
        }
    }

    func setProcessID(_ processID: Int32?, of worker: Int) {
        self.state.withLock { $0.processIDs[worker] = processID }
    }

    func threadEnded() {
        let waiters = self.state.withLock { state in
            state.runningThreads -= 1
            guard state.runningThreads == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
