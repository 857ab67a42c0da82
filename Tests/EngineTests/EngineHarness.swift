import JSON
import Observability
import RealtimeProtocol
import Synchronization
import Transport
import Upstream

@testable import Engine

/// An engine on a loopback port, and a way to talk to it through the client that sessions use.
struct EngineHarness: Sendable {
    let group: EventLoopGroup
    let server: Server
    let engine: RealtimeEngine
    let metrics: MetricsRegistry
    let port: Int

    /// Runs `body` with an engine, and takes everything down afterwards.
    static func run(
        _ configuration: EngineConfiguration = .fast, synthesizer: any SpeechSynthesizer = ToneSynthesizer(),
        models: EngineModels = EngineModels(), _ body: (EngineHarness) async throws -> Void
    ) async throws {
        let metrics = MetricsRegistry()
        let group = try EventLoopGroup(count: 1, log: .disabled, metrics: metrics)
        let engine = RealtimeEngine(
            configuration: configuration, synthesizer: synthesizer, models: models, log: .disabled, metrics: metrics)
        let server = Server(
            group: group, configuration: ServerConfiguration(listen: [("127.0.0.1", 0)]), application: engine,
            log: .disabled, metrics: metrics)
        let port = try await server.start()[0].port
        let harness = EngineHarness(group: group, server: server, engine: engine, metrics: metrics, port: port)
        let result: Result<Void, any Error>
        do { result = .success(try await body(harness)) } catch { result = .failure(error) }
        await server.stopAccepting()
        await server.close(deadline: .seconds(1))
        await group.shutdown()
        try result.get()
    }

    func call(key: Secret? = nil) async throws -> Caller {
        let endpoint = RealtimeEndpoint(url: "ws://127.0.0.1:\(self.port)/v1/realtime", model: "vaani", key: key)
        let connector = try RealtimeClientConnector(endpoint: endpoint, log: .disabled, metrics: MetricsRegistry())
        return await Caller(connector, on: self.group.loops[0])
    }

    /// A plain socket, for what no client of ours would send.
    func connectRaw() async throws -> RawCaller {
        let target = try WebSocketTarget(url: "ws://127.0.0.1:\(self.port)/v1/realtime?model=m")
        return await RawCaller(target, on: self.group.loops[0])
    }
}

extension EngineConfiguration {
    /// As fast as the socket takes it: no test waits for speech.
    static let fast: EngineConfiguration = {
        var configuration = EngineConfiguration()
        configuration.pace = 10_000
        return configuration
    }()
}

/// One connection of the client that sessions use. What it hears is read in order.
final class Caller: @unchecked Sendable {
    // `connection` is set once, on the loop, and used there alone.
    private let loop: EventLoop
    private var connection: (any RealtimeConnection)?
    private var events: AsyncStream<RealtimeConnectionEvent>.Iterator

    init(_ connector: RealtimeClientConnector, on loop: EventLoop) async {
        let (stream, feed) = AsyncStream<RealtimeConnectionEvent>.makeStream()
        self.loop = loop
        self.events = stream.makeAsyncIterator()
        await withCheckedContinuation { done in
            loop.execute {
                self.connection = connector.connect(on: loop) { feed.yield($0) }
                done.resume()
            }
        }
    }

    func send(_ event: RealtimeClientEvent) {
        self.loop.execute { self.connection?.send(event) }
    }

    func hangUp() {
        self.loop.execute { self.connection?.close() }
    }

    /// The next event.
    func next() async -> RealtimeConnectionEvent? {
        await self.events.next()
    }

    /// All events up to the first that fits, that one included.
    func events(until isEnough: (RealtimeServerEvent) -> Bool) async -> [RealtimeServerEvent] {
        var heard: [RealtimeServerEvent] = []
        loop: while let next = await self.next() {
            switch next {
            case .event(let event):
                heard.append(event)
                if isEnough(event) { break loop }
            case .drained: continue
            case .failed, .closed: break loop
            }
        }
        return heard
    }

    func untilResponseDone() async -> [RealtimeServerEvent] {
        await self.events { if case .responseDone = $0 { true } else { false } }
    }
}

/// A WebSocket whose text frames are the test's own.
final class RawCaller: WebSocketHandler, @unchecked Sendable {
    // `socket` is touched on the loop alone.
    private let loop: EventLoop
    private var socket: WebSocket?
    private let feed: AsyncStream<Heard>.Continuation
    private var heard: AsyncStream<Heard>.Iterator

    enum Heard: Sendable {
        case text(JSONValue)
        case closed(WebSocketClose)
    }

    init(_ target: WebSocketTarget, on loop: EventLoop) async {
        let (stream, feed) = AsyncStream<Heard>.makeStream()
        self.loop = loop
        self.feed = feed
        self.heard = stream.makeAsyncIterator()
        await withCheckedContinuation { done in
            loop.execute {
                self.socket = loop.connect(target, handler: self)
                done.resume()
            }
        }
    }

    func send(_ text: String) {
        self.loop.execute { self.socket?.send(text: Array(text.utf8)) }
    }

    func send(binary: [UInt8]) {
        self.loop.execute { self.socket?.send(binary: binary) }
    }

    func pauseReading() {
        self.loop.execute { self.socket?.pauseReading() }
    }

    func next() async -> Heard? { await self.heard.next() }

    /// The next event's type; nil when the connection is over.
    func nextType() async -> String? {
        if case .text(let event)? = await self.next() { event["type"]?.string } else { nil }
    }

    func opened(_ socket: WebSocket) {}
    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        self.feed.yield(.text((try? JSONValue(parsing: text)) ?? .null))
    }
    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {}
    func drained(_ socket: WebSocket) {}
    func closed(_ socket: WebSocket, _ close: WebSocketClose) {
        self.feed.yield(.closed(close))
        self.feed.finish()
    }
}
