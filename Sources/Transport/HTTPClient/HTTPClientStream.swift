/// An answer whose body is read as it comes. Whoever does not read holds the peer up, not the memory; whoever lets go of
/// it ends the transfer. One task reads.
public struct HTTPClientStream: AsyncSequence, Sendable {
    public typealias Element = [UInt8]
    public typealias Failure = HTTPClientError

    public let status: Int
    public let headers: HTTPHeaders
    private let reader: ExchangeReader

    init(_ head: ResponseHeadReader.Head, _ reader: ExchangeReader) {
        self.status = head.status
        self.headers = head.headers
        self.reader = reader
    }

    public func makeAsyncIterator() -> Iterator { Iterator(reader: self.reader) }

    /// The next piece of the body, for a reader that is no loop; nil at its end.
    public func read() async throws(HTTPClientError) -> [UInt8]? {
        try await self.reader.nextBytes()
    }

    /// Hands out pieces of any length, at most about `maxBufferedBytes`.
    public struct Iterator: AsyncIteratorProtocol {
        let reader: ExchangeReader

        public mutating func next() async throws(HTTPClientError) -> [UInt8]? {
            try await self.reader.nextBytes()
        }

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(HTTPClientError) -> [UInt8]? {
            try await self.reader.nextBytes()
        }
    }
}

/// The reading end of an exchange. The transfer ends with it.
final class ExchangeReader: Sendable {
    private let exchange: Exchange
    private let thread: HTTPClientThread

    init(_ exchange: Exchange, _ thread: HTTPClientThread) {
        self.exchange = exchange
        self.thread = thread
    }

    deinit {
        if !self.exchange.isOver { self.thread.drop(self.exchange) }
    }

    func head() async throws(HTTPClientError) -> ResponseHeadReader.Head {
        while true {
            switch self.exchange.nextHead() {
            case .value(let head): return head
            case .ended(let error): throw error ?? .cancelled
            case .wait: await self.wait { if case .wait = $0.nextHead() { false } else { true } }
            }
        }
    }

    /// nil at the end of the body.
    func nextBytes() async throws(HTTPClientError) -> [UInt8]? {
        while true {
            if Task.isCancelled { self.thread.drop(self.exchange) }
            let (step, hasRoom) = self.exchange.nextBytes()
            if hasRoom { self.thread.goOn(self.exchange) }
            switch step {
            case .value(let bytes): return bytes
            case .ended(let error?): throw error
            case .ended(nil): return nil
            case .wait: await self.wait { $0.hasNews }
            }
        }
    }

    private func wait(until isReady: @escaping @Sendable (inout ExchangeState) -> Bool) async {
        await withTaskCancellationHandler {
            await self.exchange.wait(until: isReady)
        } onCancel: {
            self.thread.drop(self.exchange)
        }
    }
}
