import Synchronization

/// One request on its way. Shared by the thread that transfers and the one task that reads.
final class Exchange: Sendable {
    private struct Shared {
        var state: ExchangeState
        var reader: CheckedContinuation<Void, Never>?
    }

    let id: UInt64
    let request: HTTPClientRequest
    let url: HTTPURL
    /// From the first call on: redirects do not prolong it.
    let deadline: ContinuousClock.Instant
    /// For name, TCP and TLS, counted from when the request may dial.
    let connectTimeout: Duration
    private let shared: Mutex<Shared>

    init(
        id: UInt64, request: HTTPClientRequest, url: HTTPURL, deadline: ContinuousClock.Instant,
        configuration: HTTPClientConfiguration
    ) {
        self.id = id
        self.request = request
        self.url = url
        self.deadline = deadline
        self.connectTimeout = request.connectTimeout ?? configuration.connectTimeout
        self.shared = Mutex(
            Shared(
                state: ExchangeState(
                    maxBytes: request.maxResponseBytes ?? configuration.maxResponseBytes,
                    maxBuffered: configuration.maxBufferedBytes)))
    }

    var isOver: Bool { self.shared.withLock { $0.state.isOver } }
    var status: Int? { self.shared.withLock { $0.state.head?.status } }

    // MARK: The thread's side

    func headCame(_ head: ResponseHeadReader.Head) {
        self.change { $0.headCame(head) }
    }

    func bytesCame(_ bytes: UnsafeRawBufferPointer) -> ExchangeState.Verdict {
        self.change { $0.bytesCame(bytes) }
    }

    func finish(_ error: HTTPClientError?) {
        self.change { $0.finish(error) }
    }

    /// How it ended; nil while it goes on.
    var end: HTTPClientError?? { self.shared.withLock { $0.state.end } }

    private func change<Result: Sendable>(_ change: (inout ExchangeState) -> Result) -> Result {
        let (result, reader) = self.shared.withLock { shared in
            let result = change(&shared.state)
            defer { shared.reader = nil }
            return (result, shared.reader)
        }
        reader?.resume()
        return result
    }

    // MARK: The reader's side

    func nextHead() -> ExchangeState.Step<ResponseHeadReader.Head> {
        self.shared.withLock { $0.state.nextHead() }
    }

    func nextBytes() -> (step: ExchangeState.Step<[UInt8]>, hasRoom: Bool) {
        self.shared.withLock { $0.state.nextBytes() }
    }

    /// Returns when something may have come since `isReady` was false.
    func wait(until isReady: @Sendable (inout ExchangeState) -> Bool) async {
        await withCheckedContinuation { continuation in
            let resumesNow = self.shared.withLock { shared in
                precondition(shared.reader == nil, "two tasks read one answer")
                guard !isReady(&shared.state) else { return true }
                shared.reader = continuation
                return false
            }
            if resumesNow { continuation.resume() }
        }
    }
}
