import Observability
import RealtimeProtocol
import Testing
import Transport

@testable import Upstream

@Suite(.timeLimit(.minutes(1))) struct PoolAndFailoverTests {
    private let ready = RealtimeConnectionEvent.event(.sessionCreated(SessionSummary(id: "sess_1")))

    private func withLaboratory(_ body: (Laboratory) async throws -> Void) async throws {
        let laboratory = try Laboratory()
        try await body(laboratory)
        await laboratory.close()
    }

    private func connector(
        _ laboratory: Laboratory, _ endpoint: RealtimeEndpoint, fallback: RealtimeEndpoint? = nil, pool: Int = 0,
        patience: Duration = .seconds(30)
    ) throws -> RealtimeClientConnector {
        var settings = UpstreamSettings()
        settings.poolSize = pool
        settings.patience = patience
        return try RealtimeClientConnector(
            endpoint: endpoint, fallback: fallback, settings: settings, log: .disabled, metrics: laboratory.metrics)
    }

    @Test func `a connection that was dialled ahead is handed out once and replaced`() async throws {
        try await self.withLaboratory { laboratory in
            let (model, endpoint) = try await laboratory.model()
            let connector = try self.connector(laboratory, endpoint, pool: 1)
            connector.start(on: [laboratory.loop])
            for number in 1...3 {
                await laboratory.wait(for: "vaani_upstream_spare", 1)
                #expect(model.attempts == number)
                #expect(await laboratory.firstWord(of: connector) == self.ready)
            }
            #expect(laboratory.figure(#"vaani_upstream_ready_seconds_count{pooled="true"}"#) == 3)
            #expect(laboratory.figure(#"vaani_upstream_ready_seconds_count{pooled="false"}"#) == 0)
            #expect(laboratory.figure("vaani_upstreams_open") == 0)
        }
    }

    @Test func `after the end of dialling ahead sessions still get connections, and nothing is left over`() async throws
    {
        try await self.withLaboratory { laboratory in
            let (model, endpoint) = try await laboratory.model()
            let connector = try self.connector(laboratory, endpoint, pool: 2)
            connector.start(on: [laboratory.loop])
            await laboratory.wait(for: "vaani_upstream_spare", 2)
            connector.stopDialling()
            await laboratory.wait(for: "vaani_upstream_spare", 0)
            #expect(await laboratory.firstWord(of: connector) == self.ready)
            #expect(model.attempts == 3)
            #expect(laboratory.figure("vaani_upstream_spare") == 0)
        }
    }

    @Test(arguments: [401, 429, 500, 503])
    func `where the first endpoint refuses, the second answers`(status: Int) async throws {
        try await self.withLaboratory { laboratory in
            let refusal = HTTPResponse.error(status: status, code: "refused", message: "no")
            let (first, endpoint) = try await laboratory.model(.init(refusal: refusal))
            let (second, fallback) = try await laboratory.model()
            let connector = try self.connector(laboratory, endpoint, fallback: fallback)
            #expect(await laboratory.firstWord(of: connector) == self.ready)
            #expect(first.attempts == 1 && second.attempts == 1)
            #expect(laboratory.figure("vaani_upstream_failovers_total") == 1)
        }
    }

    @Test func `an endpoint that says nothing is left for the second one`() async throws {
        try await self.withLaboratory { laboratory in
            let (first, endpoint) = try await laboratory.model(.init())
            let (_, fallback) = try await laboratory.model()
            let connector = try self.connector(
                laboratory, endpoint, fallback: fallback, patience: .milliseconds(50))
            #expect(await laboratory.firstWord(of: connector) == self.ready)
            #expect(first.attempts == 1)
        }
    }

    @Test func `where both fail, the failure that may pass is told, once`() async throws {
        try await self.withLaboratory { laboratory in
            let (_, endpoint) = try await laboratory.model(
                .init(refusal: .error(status: 401, code: "refused", message: "no")))
            let (_, fallback) = try await laboratory.model(
                .init(refusal: .error(status: 503, code: "refused", message: "no")))
            let connector = try self.connector(laboratory, endpoint, fallback: fallback)
            guard case .failed(let failure) = await laboratory.firstWord(of: connector) else {
                Issue.record("it did not fail")
                return
            }
            #expect(failure.failureClass == .transient)
            #expect(failure.status == 503)
        }
    }

    @Test func `an endpoint that keeps failing is not dialled any more`() async throws {
        try await self.withLaboratory { laboratory in
            let refusal = HTTPResponse.error(status: 500, code: "refused", message: "no")
            let (model, endpoint) = try await laboratory.model(.init(refusal: refusal))
            let connector = try self.connector(laboratory, endpoint)
            for _ in 0..<12 {
                guard case .failed(let failure) = await laboratory.firstWord(of: connector) else {
                    Issue.record("it did not fail")
                    return
                }
                #expect(failure.failureClass == .transient)
            }
            #expect(model.attempts == 5)
            #expect(laboratory.figure(#"vaani_upstream_breaker_open{endpoint="primary"}"#) == 1)
        }
    }

    @Test func `a refused key is not tried again, and every user is told why`() async throws {
        try await self.withLaboratory { laboratory in
            let refusal = HTTPResponse.error(status: 401, code: "refused", message: "no")
            let (model, endpoint) = try await laboratory.model(.init(refusal: refusal))
            let connector = try self.connector(laboratory, endpoint)
            for _ in 0..<3 {
                guard case .failed(let failure) = await laboratory.firstWord(of: connector) else {
                    Issue.record("it did not fail")
                    return
                }
                #expect(failure.failureClass == .authentication)
            }
            #expect(model.attempts == 1)
        }
    }

    @Test func `an error instead of a session is a failure to begin`() async throws {
        try await self.withLaboratory { laboratory in
            let full = #"{"type":"error","error":{"type":"session_limit_reached","message":"all slots are in use"}}"#
            let (_, endpoint) = try await laboratory.model(.init(greeting: [full], closeCode: 1008))
            let connector = try self.connector(laboratory, endpoint)
            #expect(
                await laboratory.firstWord(of: connector)
                    == .failed(
                        UpstreamFailure(.rateLimited, "the model began with the error session_limit_reached")))
        }
    }
}
