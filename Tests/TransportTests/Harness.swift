import Observability
import Synchronization
import Testing
import Transport

/// Tests that open sockets, one after the other: they count what is alive in the process.
@Suite(.serialized) enum Loopback {}

/// A server on loopback with an application made of closures, and loops that are gone when the test is.
struct Harness {
    let group: EventLoopGroup
    let server: Server
    let application: TestApplication
    let metrics: MetricsRegistry
    let port: Int

    var loop: EventLoop { self.group.loops[0] }
    var url: String { "ws://127.0.0.1:\(self.port)/ws" }

    static func run(
        loops: Int = 1, _ application: TestApplication = TestApplication(),
        configure: (inout ServerConfiguration) -> Void = { _ in }, _ body: (Harness) async throws -> Void
    ) async throws {
        let metrics = MetricsRegistry()
        let group = try EventLoopGroup(count: loops, log: .disabled, metrics: metrics)
        var configuration = ServerConfiguration(listen: [("127.0.0.1", 0)])
        configure(&configuration)
        let server = Server(
            group: group, configuration: configuration, application: application, log: .disabled, metrics: metrics)
        do {
            let port = try await server.start()[0].port
            try await body(
                Harness(group: group, server: server, application: application, metrics: metrics, port: port))
        } catch {
            await group.shutdown()
            throw error
        }
        await server.close(deadline: .seconds(1))
        await group.shutdown()
    }

    /// Returns when the server has let go of every connection.
    func untilNoConnectionIsOpen() async {
        while self.server.openConnections > 0 { await self.loop.run { _ in } }
    }

    func connect(_ target: WebSocketTarget, _ handler: RecordingHandler, on loop: EventLoop? = nil) async -> WebSocket {
        await (loop ?? self.loop).run { $0.connect(target, handler: handler) }
    }

    func openClient(_ handler: RecordingHandler, path: String = "/ws") async throws -> WebSocket {
        let socket = await self.connect(try WebSocketTarget(url: "ws://127.0.0.1:\(self.port)\(path)"), handler)
        try #require(await handler.next() == .opened)
        return socket
    }
}

extension EventLoop {
    /// Runs `work` on the loop and hands its result back.
    func run<Result: Sendable>(_ work: @escaping @Sendable (EventLoop) -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            self.execute { continuation.resume(returning: work(self)) }
        }
    }
}

struct TestApplication: ServerApplication {
    var decide: @Sendable (HTTPRequestHead, EventLoop) -> UpgradeDecision = { _, _ in
        .accept(EchoHandler(), subprotocol: nil)
    }
    var limit = 1 << 20
    var respond: @Sendable (HTTPRequest) async -> HTTPResponse = { request in
        HTTPResponse(
            status: 200, headers: [("content-type", "text/plain")],
            body: .bytes(Array("\(request.head.method) \(request.head.path) ".utf8) + request.body))
    }

    func decide(_ upgrade: HTTPRequestHead, on loop: EventLoop) -> UpgradeDecision { self.decide(upgrade, loop) }
    func bodyLimit(for head: HTTPRequestHead) -> Int { self.limit }
    func respond(to request: HTTPRequest) async -> HTTPResponse { await self.respond(request) }
}

final class EchoHandler: WebSocketHandler {
    func opened(_ socket: WebSocket) {}
    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) { socket.send(text: text) }
    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) { socket.send(binary: binary) }
    func drained(_ socket: WebSocket) {}
    func closed(_ socket: WebSocket, _ close: WebSocketClose) {}
}

/// Turns callbacks into a sequence of values that a test awaits one by one.
final class RecordingHandler: WebSocketHandler {
    enum Event: Sendable, Equatable {
        case opened
        case text(String)
        case binary([UInt8])
        case drained
        case closed(WebSocketClose)
    }

    private let stream: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation
    private let socketSlot = Mutex<WebSocket?>(nil)
    private let messages = Mutex(0)
    private let echoes: Bool
    private let onOpen: @Sendable (WebSocket) -> Void

    init(echoes: Bool = false, onOpen: @escaping @Sendable (WebSocket) -> Void = { _ in }) {
        self.echoes = echoes
        (self.stream, self.continuation) = AsyncStream.makeStream()
        self.onOpen = onOpen
    }

    /// The socket of the last event.
    var socket: WebSocket? { self.socketSlot.withLock { $0 } }

    /// How many messages have come.
    var messageCount: Int { self.messages.withLock { $0 } }

    func next() async -> Event? {
        var iterator = self.stream.makeAsyncIterator()
        return await iterator.next()
    }

    /// The close, after any other events.
    func close() async -> WebSocketClose? {
        while let event = await self.next() {
            if case .closed(let close) = event { return close }
        }
        return nil
    }

    private func record(_ event: Event, _ socket: WebSocket) {
        self.socketSlot.withLock { $0 = socket }
        self.continuation.yield(event)
    }

    func opened(_ socket: WebSocket) {
        self.record(.opened, socket)
        self.onOpen(socket)
    }
    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        self.messages.withLock { $0 += 1 }
        if self.echoes { socket.send(text: text) }
        self.record(.text(String(decoding: text, as: UTF8.self)), socket)
    }
    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {
        self.messages.withLock { $0 += 1 }
        if self.echoes { socket.send(binary: binary) }
        self.record(.binary(Array(binary)), socket)
    }
    func drained(_ socket: WebSocket) { self.record(.drained, socket) }
    func closed(_ socket: WebSocket, _ close: WebSocketClose) { self.record(.closed(close), socket) }
}
