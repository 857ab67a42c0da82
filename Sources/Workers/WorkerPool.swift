import Observability
import Synchronization

/// A fixed number of helper processes that are kept warm and answer one call at a time each.
///
/// Work that may crash, that is not thread-safe or whose code must stay outside this process goes there. A crash costs
/// the one call that ran; the process is started again, with backoff when it keeps dying. Each worker has a thread, which
/// alone owns the process and its socket.
public final class WorkerPool: Sendable {
    public struct Configuration: Sendable {
        /// Path of the helper program.
        public var executable: String
        public var arguments: [String]
        /// Processes.
        public var size: Int
        /// Calls that may wait while every worker is at work; one more is refused with `.busy`.
        public var queueLimit: Int
        /// From the moment a worker takes a call up to its end; then the process is killed.
        public var callTimeout: Duration
        /// Bytes of all chunks of one answer. A consumer may be slow: this is what one call can hold in memory, because
        /// a worker never waits for its consumer.
        public var maxResponseBytes: Int

        public init(
            executable: String, arguments: [String] = [], size: Int = 2, queueLimit: Int = 256,
            callTimeout: Duration = .seconds(10), maxResponseBytes: Int = 64 << 20
        ) {
            precondition(size > 0, "a pool has at least one worker")
            self.executable = executable
            self.arguments = arguments
            self.size = size
            self.queueLimit = queueLimit
            self.callTimeout = callTimeout
            self.maxResponseBytes = maxResponseBytes
        }
    }

    private let core: PoolCore

    /// Starts the helpers in the background; calls may come at once and wait for them.
    public init(_ configuration: Configuration, name: String, log: Log, metrics: MetricsRegistry) {
        self.core = PoolCore(configuration, name: name, log: log.with(.worker, .text(name)), metrics: metrics)
        self.core.start()
    }

    deinit {
        self.core.stop()
    }

    /// One request; the helper's answer in chunks, in order, as they are made. Ending the iteration early cancels the
    /// call in the helper.
    ///
    /// - Throws: the stream ends with a `WorkerError`.
    public func call(_ request: [UInt8]) -> AsyncThrowingStream<[UInt8], any Error> {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: [UInt8].self)
        let call = Call(request: request, continuation: continuation)
        continuation.onTermination = { [core = self.core] reason in
            if case .cancelled = reason { core.cancel(call) }
        }
        self.core.offer(call)
        return stream
    }

    /// Process ids of the helpers that run now.
    public var processIDs: [Int32] { self.core.processIDs }

    /// Ends every call with `.shutDown`, kills the helpers and returns when they are gone and their descriptors closed.
    public func shutdown() async {
        self.core.stop()
        await self.core.stopped()
    }
}
