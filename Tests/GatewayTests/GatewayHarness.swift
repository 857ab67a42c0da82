import JSON
import Observability
import Sessions
import Synchronization
import Testing
import Transport

@testable import Gateway

/// A gateway whose voice connections are answered by an echo instead of a session.
struct GatewayHarness {
    let group: EventLoopGroup
    let application: GatewayApplication
    let registry: SessionRegistry
    let metrics: MetricsRegistry

    static func run(
        personas: Int = 1, faults: [String] = [], routes: [Route] = [], log: Log = .disabled,
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (GatewayHarness) async throws -> Void
    ) async throws {
        let metrics = MetricsRegistry()
        let group = try EventLoopGroup(count: 2, log: .disabled, metrics: metrics)
        let origins = try OriginPolicy(origins: ["https://app.example.com"], requiresLoopbackHost: true)
        var configuration = GatewayConfiguration(version: "1.2.3", origins: origins)
        configure(&configuration)
        let registry = SessionRegistry(
            limits: .init(sessions: configuration.maxSessions, sessionsPerUser: configuration.maxSessionsPerUser))
        let voice = VoiceService(registry: registry) { request, _, _ in EchoEndpoint(request, registry) }
        let failing = Route("GET", "/fails") { _ in throw EchoEndpoint.Fault() }
        let reading = Route("POST", "/reads", bodyLimit: 100) { .json(.object(try $0.object())) }
        let application = GatewayApplication(
            configuration: configuration, voice: voice, loops: group.loops, routes: [failing, reading] + routes,
            page: Self.page,
            status: { ServiceStatus(model: "double", upstream: "embedded", personas: personas, faults: faults) },
            log: log, metrics: metrics)
        do {
            try await body(
                GatewayHarness(group: group, application: application, registry: registry, metrics: metrics))
        } catch {
            await group.shutdown()
            throw error
        }
        await group.shutdown()
    }

    /// Stands for whatever a browser is shown at `/`.
    @Sendable private static func page(_ request: RouteRequest) -> HTTPResponse {
        HTTPResponse(
            status: 200, headers: [("content-type", "text/html"), ("cache-control", "no-cache")],
            body: .bytes(Array("<html>".utf8)))
    }

    // MARK: In memory

    func respond(
        _ method: String = "GET", _ path: String, headers: HTTPHeaders = ["host": "127.0.0.1:8000"],
        remoteAddress: String = "127.0.0.1", body: String = ""
    ) async -> Answer {
        let head = HTTPRequestHead(method: method, path: path, headers: headers, remoteAddress: remoteAddress)
        return Answer(await self.application.respond(to: HTTPRequest(head: head, body: Array(body.utf8))))
    }

    /// What a signed-in user is answered.
    ///
    /// - Parameter path: may have a query.
    func ask(
        _ method: String, _ path: String, _ body: JSONValue? = nil, as user: String, headers: [(String, String)] = []
    ) async -> Answer {
        let parts = path.split(separator: "?", maxSplits: 1)
        let pairs = parts.dropFirst().first?.split(separator: "&") ?? []
        let query = pairs.map { pair -> (String, String) in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(sides[0]), sides.count > 1 ? String(sides[1]).removingPercentEncoding ?? "" : "")
        }
        let head = HTTPRequestHead(
            method: method, path: String(parts[0]), query: query,
            headers: HTTPHeaders([("host", "127.0.0.1"), ("x-vaani-user", user)] + headers), remoteAddress: "127.0.0.1")
        return Answer(await self.application.respond(to: HTTPRequest(head: head, body: body?.encoded ?? [])))
    }

    /// The refusal of an upgrade, or nil where it is accepted.
    func refusal(
        _ path: String, headers: HTTPHeaders = ["host": "127.0.0.1:8000"], remoteAddress: String = "127.0.0.1"
    ) -> Answer? {
        let head = HTTPRequestHead(method: "GET", path: path, headers: headers, remoteAddress: remoteAddress)
        switch self.application.decide(head, on: self.group.loops[0]) {
        case .accept: return nil
        case .refuse(let response): return Answer(response)
        }
    }

    // MARK: On loopback

    func serve(_ body: (Int) async throws -> Void) async throws {
        let server = Server(
            group: self.group, configuration: ServerConfiguration(listen: [("127.0.0.1", 0)]),
            application: self.application, log: .disabled, metrics: self.metrics)
        let port = try await server.start()[0].port
        do {
            try await body(port)
        } catch {
            await server.close(deadline: .seconds(1))
            throw error
        }
        await server.close(deadline: .seconds(1))
    }

    func connect(_ port: Int, _ path: String, origin: String? = nil, loop: Int = 0) async throws -> Caller {
        let caller = Caller()
        let headers = origin.map { [("origin", $0)] } ?? []
        let target = try WebSocketTarget(
            url: "ws://127.0.0.1:\(port)\(path)", headers: headers, subprotocols: ["token.secret", "vaani.v1"])
        let loop = self.group.loops[loop]
        loop.execute { _ = loop.connect(target, handler: caller) }
        return caller
    }
}

/// An answer, taken apart.
struct Answer {
    let status: Int
    let headers: HTTPHeaders
    let text: String

    init(_ response: HTTPResponse) {
        self.status = response.status
        self.headers = HTTPHeaders(response.headers)
        guard case .bytes(let bytes) = response.body else {
            self.text = ""
            return
        }
        self.text = String(decoding: bytes, as: UTF8.self)
    }

    var json: JSONValue { (try? JSONValue(parsing: self.text)) ?? .null }
}

/// Answers each message with itself, and does what the registry asks.
final class EchoEndpoint: WebSocketHandler {
    struct Fault: Error {}

    private let request: VoiceRequest
    private let registry: SessionRegistry

    init(_ request: VoiceRequest, _ registry: SessionRegistry) {
        self.request = request
        self.registry = registry
    }

    func opened(_ socket: WebSocket) {
        let user = self.request.user
        let flavour = self.request.flavour
        self.registry.enter(
            socket.id,
            SessionRegistry.Member(user: user, flavour: flavour) { ending in
                socket.loop.execute { socket.close(code: ending == .superseded ? 4409 : 1012, reason: "") }
            } describe: {
                SessionSummary(
                    id: "\(socket.id)", user: user.rawValue, flavour: flavour, status: SessionStatus(),
                    remoteAddress: "127.0.0.1",
                    openedAt: .now)
            })
        socket.send(text: Array("hello \(user)".utf8))
    }

    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) { socket.send(text: text) }
    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {}
    func drained(_ socket: WebSocket) {}
    func closed(_ socket: WebSocket, _ close: WebSocketClose) { self.registry.leave(socket.id) }
}

/// A client that keeps what it hears until a test asks.
final class Caller: WebSocketHandler {
    enum Event: Sendable, Equatable {
        case opened
        case text(String)
        case closed(Int, httpStatus: Int?)
    }

    private let stream: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    init() {
        (self.stream, self.continuation) = AsyncStream.makeStream()
    }

    func next() async -> Event? {
        var iterator = self.stream.makeAsyncIterator()
        return await iterator.next()
    }

    func opened(_ socket: WebSocket) { self.continuation.yield(.opened) }
    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        self.continuation.yield(.text(String(decoding: text, as: UTF8.self)))
    }
    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {}
    func drained(_ socket: WebSocket) {}
    func closed(_ socket: WebSocket, _ close: WebSocketClose) {
        var status: Int?
        if case .connectFailed(let error) = close.cause { status = error.httpStatus }
        self.continuation.yield(.closed(close.code, httpStatus: status))
    }
}
