/// Work that a loop will do at a time, unless it is cancelled before.
public final class ScheduledTask: @unchecked Sendable {
    // Confined to `loop`: `cancel` goes there when called from elsewhere.
    private let loop: EventLoop
    private var work: (@Sendable () -> Void)?

    init(loop: EventLoop, work: @escaping @Sendable () -> Void) {
        self.loop = loop
        self.work = work
    }

    /// Makes the work not happen. On the loop at once; from another thread as soon as the loop gets to it.
    public func cancel() {
        guard self.loop.isCurrent else { return self.loop.execute { self.cancel() } }
        guard self.work != nil else { return }
        self.work = nil
        self.loop.timerWasCancelled()
    }

    var isCancelled: Bool { self.work == nil }

    func run() {
        let work = self.work
        self.work = nil
        work?()
    }
}
