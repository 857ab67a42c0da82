import Observability
import RealtimeProtocol
import Testing
import Transport

@testable import Upstream

@Suite struct RealtimeClientTests {
    /// Runs `body` with a connector to a model that follows `script`, on loopback.
    private func withModel(
        _ script: ScriptedModel.Script = ScriptedModel.Script(), key: Secret? = nil,
        _ body: (RealtimeClientConnector, EventLoop, ScriptedModel) async throws -> Void
    ) async throws {
        let group = try EventLoopGroup(count: 1, log: .disabled, metrics: MetricsRegistry())
        let model = ScriptedModel(script)
        let server = Server(
            group: group, configuration: ServerConfiguration(listen: [("127.0.0.1", 0)]), application: model,
            log: .disabled, metrics: MetricsRegistry())
        let port = try await server.start()[0].port
        let endpoint = RealtimeEndpoint(url: "ws://127.0.0.1:\(port)/v1/realtime", model: "gpt realtime/हि", key: key)
        let connector = try RealtimeClientConnector(endpoint: endpoint, log: .disabled, metrics: MetricsRegistry())
        try await body(connector, group.loops[0], model)
        await server.stopAccepting()
        await server.close(deadline: .seconds(1))
        await group.shutdown()
    }

    /// Connects and hands over what the connection tells, until it is over or `isEnough`.
    private func events(
        of connector: RealtimeClientConnector, on loop: EventLoop,
        until isEnough: @escaping @Sendable (RealtimeConnectionEvent) -> Bool = { _ in false },
        doing action: @escaping @Sendable (any RealtimeConnection) -> Void = { _ in }
    ) async -> [RealtimeConnectionEvent] {
        let (stream, feed) = AsyncStream<RealtimeConnectionEvent>.makeStream()
        let box = ConnectionBox()
        loop.execute {
            box.connection = connector.connect(on: loop) { event in
                feed.yield(event)
                if case .event(.sessionCreated) = event, let connection = box.connection { action(connection) }
                if isEnough(event) {
                    box.connection?.close()
                    feed.finish()
                }
                switch event {
                case .failed, .closed: feed.finish()
                case .event, .drained: break
                }
            }
        }
        return await stream.reduce(into: []) { $0.append($1) }
    }

    private let created = #"{"type":"session.created","session":{"id":"sess_1","audio":{"output":{"voice":"marin"}}}}"#

    @Test func `events arrive in order and what is sent is one JSON text frame each`() async throws {
        try await self.withModel(.init(greeting: [self.created])) { connector, loop, model in
            let events = await self.events(
                of: connector, on: loop, until: { $0 == .event(.inputAudioCleared) },
                doing: { $0.send(.commitInputAudio) })
            #expect(
                events == [
                    .event(.sessionCreated(SessionSummary(id: "sess_1", voice: "marin"))), .event(.inputAudioCleared),
                ])
            #expect(model.received == [#"{"type":"input_audio_buffer.commit"}"#])
        }
    }

    @Test func `the key goes into one header and the model into the query`() async throws {
        try await self.withModel(.init(greeting: [self.created]), key: Secret("sk-test")) { connector, loop, model in
            _ = await self.events(of: connector, on: loop, until: { _ in true })
            let head = try #require(model.requestHead)
            #expect(head.headers["authorization"] == "Bearer sk-test")
            #expect(head.queryValue("model") == "gpt realtime/हि")
            #expect(head.headers["openai-beta"] == nil)
        }
    }

    @Test(arguments: [
        (401, UpstreamFailure.Class.authentication), (403, .authentication), (404, .rejected), (429, .rateLimited),
        (500, .transient), (503, .transient), (302, .rejected),
    ])
    func `a refused upgrade is a failure of its class`(status: Int, failureClass: UpstreamFailure.Class) async throws {
        let refusal = HTTPResponse.error(
            status: status, code: "refused", message: "no", headers: [("retry-after", "7")])
        try await self.withModel(.init(refusal: refusal)) { connector, loop, _ in
            let events = await self.events(of: connector, on: loop)
            guard case .failed(let failure) = try #require(events.last), events.count == 1 else {
                Issue.record("\(events) is not one failure")
                return
            }
            #expect(failure.failureClass == failureClass)
            #expect(failure.status == status)
        }
    }

    @Test(arguments: [
        (1000, UpstreamFailure.Class.transient), (1011, .transient), (1012, .transient), (4000, .rejected),
    ])
    func `a close is told once, by its class`(code: Int, failureClass: UpstreamFailure.Class) async throws {
        try await self.withModel(.init(greeting: [self.created], closeCode: code)) { connector, loop, _ in
            let events = await self.events(of: connector, on: loop)
            guard case .closed(let failure) = try #require(events.last), events.count == 2 else {
                Issue.record("\(events) is not an event and one close")
                return
            }
            #expect(failure.failureClass == failureClass)
        }
    }

    @Test func `an event that cannot be read is skipped`() async throws {
        let greeting = ["nonsense", #"{"type":"response.output_audio.delta","delta":"!"}"#, self.created]
        try await self.withModel(.init(greeting: greeting)) { connector, loop, _ in
            let events = await self.events(of: connector, on: loop, until: { _ in true })
            #expect(events == [.event(.sessionCreated(SessionSummary(id: "sess_1", voice: "marin")))])
        }
    }

    @Test func `nothing is heard after close, even before the connection opened`() async throws {
        try await self.withModel(.init(greeting: [self.created])) { connector, loop, _ in
            await confirmation(expectedCount: 0) { heard in
                await withCheckedContinuation { done in
                    loop.execute {
                        let connection = connector.connect(on: loop) { _ in heard() }
                        connection.close()
                        #expect(connection.send(.clearInputAudio) == .closed)
                        done.resume()
                    }
                }
                _ = await self.events(of: connector, on: loop, until: { _ in true })
            }
        }
    }

    @Test func `a secret prints as dots`() {
        let endpoint = RealtimeEndpoint(url: "ws://127.0.0.1:1/v1/realtime", model: "m", key: Secret("sk-canary"))
        var dumped = ""
        dump(endpoint, to: &dumped)
        #expect(!"\(endpoint)\(String(reflecting: endpoint))\(dumped)".contains("canary"))
    }
}

/// Holds the connection for the handler that is made before it. Touched on the loop alone.
private final class ConnectionBox: @unchecked Sendable {
    var connection: (any RealtimeConnection)?
}
