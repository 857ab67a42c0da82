import CLibWebSockets
import Foundation
import Observability
import Synchronization

/// One thread with one libwebsockets context: sockets, timers, and the actors that live on it.
///
/// Everything but ``execute(_:)``, ``isCurrent`` and the executor's own entries belongs to the loop's thread and traps
/// elsewhere. The library's engine is its own `poll(2)`; which engine runs is decided in ``LoopContext`` alone.
public final class EventLoop: SerialExecutor, @unchecked Sendable {
    // What has no lock of its own is confined to the loop's thread.
    public let index: Int
    let log: Log
    let metrics: LoopMetrics
    let resolver: Resolver
    let live: LiveObjects
    private let mailbox = Mutex(Mailbox())
    private let threadID = Atomic<UInt>(0)
    private let wakeDescriptor: Int32
    private let finished = DispatchSemaphore(value: 0)

    private var local: [LoopWork] = []
    private var timers = TimerQueue<ScheduledTask>()
    private var cancelledTimers = 0
    private var isStopping = false
    private(set) var library: LoopContext?
    /// Who owns a connection of the library, kept alive until the library has let go of it.
    private var owners: [ObjectIdentifier: SocketOwner] = [:]
    /// Filled before each write: a frame leaves as one piece, and the library wants headroom in front of what it sends.
    var scratch = WriteBuffer()
    var maskKeys = MaskKeys()

    /// How many pieces of work run before sockets get their turn, so that a chatty actor cannot starve them.
    private static let roundLimit = 64

    init(index: Int, log: Log, metrics: LoopMetrics, resolver: Resolver, live: LiveObjects) throws(TransportError) {
        self.index = index
        self.log = log.with(.loop, .integer(index))
        self.metrics = metrics
        self.resolver = resolver
        self.live = live
        self.wakeDescriptor = vaani_eventfd()
        guard self.wakeDescriptor >= 0 else { throw TransportError(.eventLoop, "eventfd: errno \(errno)") }
        try self.start()
    }

    deinit {
        close(self.wakeDescriptor)
    }

    /// Whether the caller runs on this loop's thread.
    public var isCurrent: Bool {
        self.threadID.load(ordering: .relaxed) == UInt(pthread_self())
    }

    /// Runs `work` on the loop, after what was handed over before. From any thread.
    public func execute(_ work: @escaping @Sendable () -> Void) {
        self.put(.closure(work))
    }

    /// Runs `work` on the loop after a time. Call on the loop.
    @discardableResult
    public func schedule(after delay: Duration, _ work: @escaping @Sendable () -> Void) -> ScheduledTask {
        self.requireCurrent()
        let task = ScheduledTask(loop: self, work: work)
        let previous = self.timers.nextDue
        self.timers.insert(task, due: .now + max(delay, .zero))
        if self.timers.nextDue != previous { self.armAlarm() }
        return task
    }

    func requireCurrent() {
        precondition(self.isCurrent, "used off the thread of event loop \(self.index)")
    }

    // MARK: The executor

    public func enqueue(_ job: consuming ExecutorJob) {
        self.put(.job(UnownedJob(job)))
    }

    public func checkIsolated() {
        self.requireCurrent()
    }

    public func isIsolatingCurrentContext() -> Bool? {
        self.isCurrent
    }

    private func put(_ work: LoopWork) {
        if self.isCurrent { return self.local.append(work) }
        if self.mailbox.withLock({ $0.put(work) }) { self.wake() }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(self.wakeDescriptor, &one, 8)
    }

    // MARK: The thread

    private func start() throws(TransportError) {
        let started = DispatchSemaphore(value: 0)
        let thread = Thread { [self] in self.run { started.signal() } }
        thread.name = "vaani-loop-\(self.index)"
        thread.stackSize = 4 << 20
        thread.start()
        started.wait()
        guard self.mailbox.withLock({ !$0.isClosed }) else {
            throw TransportError(.eventLoop, "libwebsockets made no context for event loop \(self.index)")
        }
    }

    private func run(started: () -> Void) {
        self.threadID.store(UInt(pthread_self()), ordering: .relaxed)
        defer { self.finished.signal() }
        guard let library = LoopContext(loop: self, wakeDescriptor: self.wakeDescriptor) else {
            self.mailbox.withLock { $0.close() }
            return started()
        }
        self.library = library
        self.watchLag()
        started()
        while !self.isStopping {
            self.runRound()
            library.serve(waiting: self.local.isEmpty && !self.isStopping)
        }
        self.finish(library)
    }

    private func finish(_ library: LoopContext) {
        self.library = nil
        library.destroy()
        // What the last callbacks handed over still runs: a job that is lost would leave its task hanging for ever.
        for _ in 0..<1_000 where !self.drainAll().isEmpty {}
        self.owners.removeAll()
        self.timers = TimerQueue()
        self.threadID.store(0, ordering: .relaxed)
    }

    private func drainAll() -> [LoopWork] {
        let work = self.local + self.mailbox.withLock { $0.takeAll() }
        self.local = []
        for item in work { self.perform(item) }
        return work
    }

    private func runRound() {
        guard !self.local.isEmpty else { return }
        let count = min(self.local.count, Self.roundLimit)
        let round = self.local[..<count]
        self.local.removeFirst(count)
        for item in round { self.perform(item) }
    }

    private func perform(_ item: LoopWork) {
        switch item {
        case .job(let job): job.runSynchronously(on: self.asUnownedSerialExecutor())
        case .closure(let work): work()
        }
    }

    /// Moves what other threads left to the local queue. Called when the wake-up descriptor can be read.
    func collectMail() {
        self.local.append(contentsOf: self.mailbox.withLock { $0.takeAll() })
    }

    func stop() {
        self.execute { self.isStopping = true }
    }

    func join() {
        self.finished.wait()
    }

    // MARK: Timers

    func timerWasCancelled() {
        self.cancelledTimers += 1
        guard self.cancelledTimers > 256, self.cancelledTimers > self.timers.count / 2 else { return }
        self.timers.compact { !$0.isCancelled }
        self.cancelledTimers = 0
    }

    func alarmRang() {
        let now = ContinuousClock.now
        while let (task, _) = self.timers.popDue(at: now) {
            if task.isCancelled { self.cancelledTimers = max(0, self.cancelledTimers - 1) }
            task.run()
        }
        self.armAlarm()
    }

    /// Timers that wait, those that were cancelled and not forgotten yet included.
    var timerCount: Int { self.timers.count }

    private func armAlarm() {
        guard let due = self.timers.nextDue else { return }
        self.library?.ring(after: due - .now)
    }

    private func watchLag() {
        let due = ContinuousClock.now + LoopMetrics.lagPeriod
        self.schedule(after: LoopMetrics.lagPeriod) { [self] in
            self.metrics.lag.observe(max(.zero, .now - due))
            self.watchLag()
        }
    }

    // MARK: Owners

    func keep(_ owner: SocketOwner) {
        self.owners[ObjectIdentifier(owner)] = owner
    }

    func release(_ owner: SocketOwner) {
        self.owners[ObjectIdentifier(owner)] = nil
    }
}
