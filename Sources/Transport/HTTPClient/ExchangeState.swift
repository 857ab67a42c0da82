/// One request and its answer between the thread that transfers and the task that reads: what has come, what has been
/// taken, and how it ended.
struct ExchangeState: Sendable {
    enum Verdict: Sendable, Equatable {
        case taken
        /// The reader is behind: the same bytes again, later.
        case full
        /// The exchange is over: no more bytes.
        case over
    }

    enum Step<Value: Sendable>: Sendable {
        case value(Value)
        case ended(HTTPClientError?)
        case wait
    }

    let maxBytes: Int
    let maxBuffered: Int
    private(set) var head: ResponseHeadReader.Head?
    private(set) var end: HTTPClientError??
    private var buffer: [UInt8] = []
    private var received = 0
    private(set) var isPaused = false

    init(maxBytes: Int, maxBuffered: Int) {
        self.maxBytes = maxBytes
        self.maxBuffered = maxBuffered
    }

    var isOver: Bool { self.end != nil }
    /// Whether there are bytes to take, or an end.
    var hasNews: Bool { !self.buffer.isEmpty || self.isOver }

    mutating func headCame(_ head: ResponseHeadReader.Head) {
        guard !self.isOver else { return }
        self.head = head
    }

    mutating func bytesCame(_ bytes: UnsafeRawBufferPointer) -> Verdict {
        guard !self.isOver else { return .over }
        guard self.received + bytes.count <= self.maxBytes else {
            let message = "the answer exceeds maxResponseBytes \(self.maxBytes)"
            self.finish(HTTPClientError(.tooLarge, message, status: self.head?.status))
            return .over
        }
        guard self.buffer.isEmpty || self.buffer.count + bytes.count <= self.maxBuffered else {
            self.isPaused = true
            return .full
        }
        self.buffer.append(contentsOf: bytes)
        self.received += bytes.count
        return .taken
    }

    /// - Parameter error: nil where all of the answer has come. The first end counts.
    mutating func finish(_ error: HTTPClientError?) {
        if !self.isOver { self.end = .some(error) }
    }

    func nextHead() -> Step<ResponseHeadReader.Head> {
        if let head = self.head { return .value(head) }
        switch self.end {
        case .none: return .wait
        case .some(let error):
            return .ended(error ?? HTTPClientError(.protocol, "the answer ended before its head"))
        }
    }

    /// What has come since the last time; `hasRoom` tells that a paused transfer may go on.
    mutating func nextBytes() -> (step: Step<[UInt8]>, hasRoom: Bool) {
        // Whoever gave up or was too large has no use for the rest; what was cut off by the peer is handed out first.
        if case .some(.some(let error)) = self.end, error.code == .cancelled || error.code == .tooLarge {
            return (.ended(error), false)
        }
        guard self.buffer.isEmpty else {
            let bytes = self.buffer
            self.buffer = []
            defer { self.isPaused = false }
            return (.value(bytes), self.isPaused)
        }
        switch self.end {
        case .none: return (.wait, false)
        case .some(let error): return (.ended(error), false)
        }
    }
}
