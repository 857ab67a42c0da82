import Observability
import RealtimeProtocol
import Testing
import Transport
import Upstream

@testable import Engine

/// Scripts over loopback, heard by the client that sessions use.
@Suite struct ScriptedEngineTests {
    @Test func `a script breaks off a spoken answer, and the next connection is whole`() async throws {
        let verdict = try await self.play(
            """
            connections:
              - steps:
                  - begin
                  - expect: response.create
                  - {say: Half of it, ms: 1000, stop_after: 2}
                  - {close: 1011, reason: broken}
              - steps: [begin, {expect: response.create}, reply, expect_close]
            """
        ) { call in
            let first = try await call()
            let begun = await first.begin()
            #expect(begun == "sessionUpdated")
            first.send(.createResponse(ResponseRequest()))
            let heard = await first.events { _ in false }
            #expect(heard.audioBytes == 2 * 4_800)
            let second = try await call()
            _ = await second.begin()
            second.send(.createResponse(ResponseRequest()))
            #expect(await second.untilResponseDone().audioBytes > 9_600)
            second.hangUp()
        }
        #expect(verdict.failures == [])
        #expect(verdict.connections == 2)
    }

    @Test func `the verdict names what was not reached and who was not invited`() async throws {
        let verdict = try await self.play(
            """
            connections:
              - steps: [begin]
            """
        ) { call in
            let first = try await call()
            _ = await first.next()
            first.hangUp()
            let second = try await call()
            #expect(await second.next() != nil)
        }
        #expect(
            verdict.lines == [
                "line 2: connection 1: begin: never reached: the connection ended with 1000",
                "connection 2: came, which nothing expects",
            ])
    }

    @Test func `a refusal has its status and its Retry-After`() async throws {
        let verdict = try await self.play("connections: [{refuse: 429, retry_after_s: 7}]") { call in
            let caller = try await call()
            guard case .failed(let failure)? = await caller.next() else {
                Issue.record("the connection was let in")
                return
            }
            #expect(failure.failureClass == .rateLimited && failure.retryAfter == .seconds(7))
        }
        #expect(verdict.failures == [])
    }

    @Test(arguments: [
        ("{garbage: invalid_utf8}", "1007"), ("{garbage: masked_frame}", "1002"), ("{garbage: reserved_bit}", "1002"),
        ("{garbage: bad_opcode}", "1002"), ("{garbage: huge_frame}", "1009"), ("{garbage: bad_close_code}", "1002"),
    ]) func `a client of ours closes on frames that are against the rules`(step: String, code: String) async throws {
        let verdict = try await self.play("connections: [{steps: [begin, \(step), {expect_close: \(code)}]}]") { call in
            let caller = try await call()
            _ = await caller.begin()
            _ = await caller.events { _ in false }
        }
        #expect(verdict.failures == [])
    }

    @Test(arguments: ["reset", "half_close"]) func `a stream can end without a goodbye`(step: String) async throws {
        _ = try await self.play("connections: [{steps: [begin, \(step)]}]") { call in
            let caller = try await call()
            _ = await caller.begin()
            guard case .closed(let failure)? = await caller.next() else {
                Issue.record("the connection goes on")
                return
            }
            #expect(failure.failureClass == .transient)
        }
    }

    private func play(
        _ text: String, _ body: (() async throws -> Caller) async throws -> Void
    ) async throws -> ScriptVerdict {
        let script = try FaultScript(parsing: Array(text.utf8))
        let metrics = MetricsRegistry()
        let group = try EventLoopGroup(count: 1, log: .disabled, metrics: metrics)
        let engine = ScriptedEngine(
            script: script, configuration: .fast, synthesizer: ToneSynthesizer(), log: .disabled, metrics: metrics)
        let server = Server(
            group: group, configuration: ServerConfiguration(listen: [("127.0.0.1", 0)]), application: engine,
            log: .disabled, metrics: metrics)
        let port = try await server.start()[0].port
        let endpoint = RealtimeEndpoint(url: "ws://127.0.0.1:\(port)/v1/realtime", model: "m")
        let result: Result<Void, any Error>
        do {
            try await body {
                let connector = try RealtimeClientConnector(
                    endpoint: endpoint, log: .disabled, metrics: MetricsRegistry())
                return await Caller(connector, on: group.loops[0])
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await engine.played()
        let verdict = engine.verdict
        await server.close(deadline: .seconds(1))
        await group.shutdown()
        try result.get()
        return verdict
    }
}

extension Caller {
    /// Configures the session; the name of the event that answers.
    fileprivate func begin() async -> String {
        guard case .event(.sessionCreated)? = await self.next() else { return "" }
        self.send(.sessionUpdate(SessionUpdate(instructions: "Be brief.", turnDetection: .manual)))
        guard case .event(.sessionUpdated)? = await self.next() else { return "" }
        return "sessionUpdated"
    }
}
