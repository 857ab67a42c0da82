import Foundation
import Observability
import Synchronization

/// The event loops of a process.
public final class EventLoopGroup: Sendable {
    public let loops: [EventLoop]
    public let liveObjects: LiveObjects
    private let turn = Atomic<Int>(0)

    /// Starts `count` threads. They end with ``shutdown()``.
    public convenience init(count: Int, log: Log, metrics: MetricsRegistry) throws(TransportError) {
        try self.init(count: count, log: log, metrics: metrics, resolver: Resolver())
    }

    init(count: Int, log: Log, metrics: MetricsRegistry, resolver: Resolver) throws(TransportError) {
        precondition(count > 0, "an event loop group of \(count) loops")
        // A peer that closed while we write is an error code, not a signal.
        signal(SIGPIPE, SIG_IGN)
        LibraryLog.use(log)
        let loopMetrics = LoopMetrics(metrics)
        let live = LiveObjects()
        self.liveObjects = live
        var loops: [EventLoop] = []
        for index in 0..<count {
            loops.append(try EventLoop(index: index, log: log, metrics: loopMetrics, resolver: resolver, live: live))
        }
        self.loops = loops
    }

    /// The loops in turn.
    public func next() -> EventLoop {
        self.loops[abs(self.turn.wrappingAdd(1, ordering: .relaxed).oldValue % self.loops.count)]
    }

    /// Ends all loops; what is still open on them is cut off and told so.
    public func shutdown() async {
        for loop in self.loops { loop.stop() }
        await withCheckedContinuation { continuation in
            // Joining waits for threads, which no thread of the concurrency pool should do.
            Thread.detachNewThread {
                for loop in self.loops { loop.join() }
                continuation.resume()
            }
        }
    }
}
