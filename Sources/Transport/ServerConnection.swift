import CLibWebSockets
import Foundation
import Observability

/// An accepted connection from its first byte until it is answered or has become a WebSocket. Confined to its loop.
///
/// One request, one answer, then close. Requests are read here and not by libwebsockets, which in 4.1.6 reads freed
/// memory on some second requests, keeps no limit on bodies and drops what it does not like with no answer.
final class ServerConnection: StreamOwner, @unchecked Sendable {
    private enum Phase {
        case head(RequestHeadParser)
        case body(HTTPRequestHead, BodyReader)
        case responding
        /// Answered; what the client still sends is thrown away, so that no reset overtakes the answer.
        case lingering
    }

    // More than that after a request that was answered is no client worth waiting for.
    private static let maxLingerBytes = 1 << 20
    private static let lingerTime: Duration = .seconds(2)

    private let port: ServerPort
    let remoteAddress: String
    private var phase: Phase
    private var deadline: ScheduledTask?
    private var task: Task<Void, Never>?
    private var encoder = ResponseEncoder(status: 200, length: 0, request: nil)
    private var request: HTTPRequestHead?
    private var outgoing = ResponseQueue()
    private var discarded = 0
    private var isAnswered = false
    private var hasUnread = false
    private var isGone = false

    private var configuration: ServerConfiguration { self.port.configuration }

    init(port: ServerPort, descriptor: Int32) {
        self.port = port
        self.remoteAddress = NumericAddress.peer(of: descriptor)
        self.phase = .head(RequestHeadParser(maxBytes: port.configuration.maxHeadBytes))
        super.init(loop: port.loop, descriptor: descriptor, isEncrypted: port.configuration.tls != nil)
        self.loop.live.connections.increment()
        self.arm(self.configuration.handshakeTimeout) { $0.headIsLate() }
    }

    deinit {
        self.loop.live.connections.decrement()
    }

    override func handle(_ reason: lws_callback_reasons, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int32 {
        switch reason {
        case LWS_CALLBACK_RAW_RX: return self.receive(UnsafeRawBufferPointer(start: bytes, count: count)) ? 0 : -1
        case LWS_CALLBACK_RAW_WRITEABLE: return self.flush() ? 0 : -1
        default: return 0
        }
    }

    override func destroyed() {
        self.isGone = true
        self.deadline?.cancel()
        self.task?.cancel()
        for waiter in self.outgoing.takeWaiters() { waiter.resume(throwing: Self.clientLeft) }
        self.port.connectionEnded(self)
    }

    private static let clientLeft = TransportError(.connectionClosed, "the client closed before the answer was written")

    /// Whether the connection carries no request yet: a server that stops may close it at once.
    var isIdle: Bool {
        if case .head(let parser) = self.phase { return !parser.hasBegun }
        return false
    }

    // MARK: Reading

    /// False to close.
    private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        do {
            switch self.phase {
            case .head(var parser):
                // Out of the phase while it changes, so that its buffer is not copied.
                self.phase = .responding
                let head = try parser.take(bytes)
                self.phase = .head(parser)
                guard let head else { return true }
                return try self.begin(head, rest: parser.rest)
            case .body(let head, var reader):
                self.phase = .responding
                defer { if !reader.isComplete { self.phase = .body(head, reader) } }
                return try self.read(bytes, head, &reader)
            case .responding, .lingering: return self.discard(bytes.count)
            }
        } catch {
            return self.refuse(error)
        }
    }

    private func begin(_ parsed: RequestHeadParser.Head, rest: [UInt8]) throws(HTTPRefusal) -> Bool {
        var head = parsed.head
        head.remoteAddress = self.remoteAddress
        self.request = head
        self.phase = .responding
        if case .webSocket(let key) = try UpgradeRequest(head, body: parsed.body) {
            return self.upgrade(head, key: key, rest: rest)
        }
        var reader = try BodyReader(parsed.body, limit: self.port.application.bodyLimit(for: head))
        guard !reader.isComplete else {
            self.hasUnread = !rest.isEmpty
            self.dispatch(HTTPRequest(head: head))
            return true
        }
        self.arm(self.configuration.bodyTimeout) { $0.bodyIsLate() }
        if head.isVersion11, head.headers.list("expect").contains(where: { $0.lowercased() == "100-continue" }) {
            self.outgoing.append(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            self.requestWritable()
        }
        defer { if !reader.isComplete { self.phase = .body(head, reader) } }
        let result = rest.withUnsafeBytes { bytes in
            Result { () throws(HTTPRefusal) -> Bool in try self.read(bytes, head, &reader) }
        }
        return try result.get()
    }

    private func read(
        _ bytes: UnsafeRawBufferPointer, _ head: HTTPRequestHead, _ reader: inout BodyReader
    ) throws(HTTPRefusal) -> Bool {
        let used = try reader.take(bytes)
        guard reader.isComplete else { return true }
        self.hasUnread = used < bytes.count
        self.dispatch(HTTPRequest(head: head, body: reader.body))
        return true
    }

    private func discard(_ count: Int) -> Bool {
        self.discarded += count
        self.hasUnread = true
        return self.discarded <= Self.maxLingerBytes
    }

    // MARK: Answering

    private func dispatch(_ request: HTTPRequest) {
        self.deadline?.cancel()
        let application = self.port.application
        self.task = Task { [self] in
            let response = await application.respond(to: request)
            guard case .stream(let produce) = response.body else {
                return self.loop.execute { self.answer(response) }
            }
            self.loop.execute { self.answer(response) }
            // A body that ends early must not look complete.
            let isComplete = (try? await produce(HTTPBodyWriter(self))) != nil
            self.loop.execute { self.finishStream(isComplete: isComplete) }
        }
    }

    private func refuse(_ refusal: HTTPRefusal) -> Bool {
        self.hasUnread = true
        self.phase = .responding
        self.port.countRefusal(refusal.code)
        self.answer(refusal.response)
        return true
    }

    private func answer(_ response: HTTPResponse) {
        guard !self.isGone, !self.isAnswered else { return }
        self.isAnswered = true
        self.phase = .responding
        var length: Int?
        if case .bytes(let body) = response.body { length = body.count }
        self.encoder = ResponseEncoder(status: response.status, length: length, request: self.request)
        guard let head = self.encoder.head(response, length: length, date: Date()) else {
            self.loop.log.error("response header refused", [.httpStatus: .integer(response.status)])
            self.isAnswered = false
            return self.answer(.error(status: 500, code: "internal", message: "the answer was not well-formed"))
        }
        self.outgoing.append(head)
        if case .bytes(let body) = response.body {
            self.outgoing.append(self.encoder.frame(body))
            self.outgoing.isFinished = true
        }
        self.armWriteDeadline()
        self.requestWritable()
    }

    /// A piece of a stream; resumes its writer when there is room for more.
    func write(_ bytes: [UInt8], resuming continuation: CheckedContinuation<Void, any Error>) {
        guard !self.isGone else { return continuation.resume(throwing: Self.clientLeft) }
        self.outgoing.append(self.encoder.frame(bytes))
        self.armWriteDeadline()
        self.requestWritable()
        if self.outgoing.hasRoom { continuation.resume() } else { self.outgoing.wait(continuation) }
    }

    private func finishStream(isComplete: Bool) {
        guard !self.isGone, !self.outgoing.isFinished else { return }
        guard isComplete else { return self.kill() }
        self.outgoing.append(self.encoder.end)
        self.outgoing.isFinished = true
        self.requestWritable()
    }

    /// False to close.
    private func flush() -> Bool {
        if case .lingering = self.phase { return true }
        guard self.flushHeld() else { return false }
        while !self.hasHeld, let slice = self.outgoing.next() {
            guard slice.withUnsafeBytes({ self.write($0) }) else { return false }
            self.armWriteDeadline()
        }
        if self.outgoing.hasRoom { for waiter in self.outgoing.takeWaiters() { waiter.resume() } }
        guard self.outgoing.isEmpty, !self.hasHeld else {
            self.requestWritable()
            return true
        }
        return self.outgoing.isFinished ? self.finish() : self.rest()
    }

    /// Nothing to write for now: the client is not late, the application is.
    private func rest() -> Bool {
        if self.isAnswered { self.deadline?.cancel() }
        return true
    }

    private func finish() -> Bool {
        guard self.hasUnread else { return false }
        self.phase = .lingering
        shutdown(self.descriptor, Int32(SHUT_WR))
        self.arm(Self.lingerTime) { $0.kill() }
        return true
    }

    // MARK: Deadlines

    private func arm(_ delay: Duration, _ late: @escaping @Sendable (ServerConnection) -> Void) {
        self.deadline?.cancel()
        self.deadline = self.loop.schedule(after: delay) { [weak self] in self.map(late) }
    }

    private func armWriteDeadline() {
        self.arm(self.configuration.writeTimeout) { $0.kill() }
    }

    private func headIsLate() {
        guard case .head(let parser) = self.phase, parser.hasBegun else { return self.kill() }
        _ = self.refuse(HTTPRefusal(status: 408, code: "timeout", message: "the request did not arrive in time"))
    }

    private func bodyIsLate() {
        _ = self.refuse(HTTPRefusal(status: 408, code: "timeout", message: "the body did not arrive in time"))
    }

    // MARK: Upgrading

    private func upgrade(_ head: HTTPRequestHead, key: String, rest: [UInt8]) -> Bool {
        switch self.port.application.decide(head, on: self.loop) {
        case .refuse(let response):
            self.port.countRefusal("application")
            self.answer(response)
            return true
        case .accept(let handler, let subprotocol):
            self.deadline?.cancel()
            self.isGone = true
            let link = self.port.upgrade(self, handler)
            self.handOver(to: link)
            return link.open(key: key, subprotocol: subprotocol, remoteAddress: self.remoteAddress, rest: rest)
        }
    }
}
