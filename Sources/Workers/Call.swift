import Synchronization

/// One request on its way through the pool.
final class Call: Sendable, Equatable {
    typealias Continuation = AsyncThrowingStream<[UInt8], any Error>.Continuation

    let request: [UInt8]
    private let continuation: Continuation
    private let cancelled = Atomic<Bool>(false)

    init(request: [UInt8], continuation: Continuation) {
        self.request = request
        self.continuation = continuation
    }

    /// Whether nobody listens any more.
    var isCancelled: Bool { self.cancelled.load(ordering: .acquiring) }

    func cancel() { self.cancelled.store(true, ordering: .releasing) }

    func emit(_ chunk: [UInt8]) { self.continuation.yield(chunk) }

    func finish(_ error: WorkerError? = nil) {
        if let error { self.continuation.finish(throwing: error) } else { self.continuation.finish() }
    }

    static func == (left: Call, right: Call) -> Bool { left === right }
}
