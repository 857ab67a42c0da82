import JSON
import Studio
import Testing
import Transport

@testable import Providers

@Suite(.timeLimit(.minutes(1))) struct ProviderUpdateTests {
    private static let present = #"""
        {"data":[{"persona_id":"p1","persona_name":"Coach","default_replica_id":"r1","document_ids":["d1"],
        "document_tags":[],"layers":null,"objectives_id":"o1"}]}
        """#
    private static let body: JSONValue = ["persona_name": "Guide", "system_prompt": "s [m]", "pipeline_mode": "full"]

    private func answer(_ status: Int) -> @Sendable (HTTPRequest) -> ScriptedProvider.Reply {
        { $0.head.method == "GET" ? .answer(200, Self.present) : .answer(status, "") }
    }

    @Test(arguments: [200, 204, 304]) func `a change adds what is wanted, removes what is set, and leaves the rest`(
        status: Int
    ) async throws {
        try await ScriptedProvider.run(self.answer(status)) { provider, script in
            try await provider.update("p1", to: Self.body)
            #expect(script.asked.map(\.line) == ["GET /v2/personas/p1", "PATCH /v2/personas/p1"])
            #expect(
                script.asked[1].json == [
                    ["op": "add", "path": "/persona_name", "value": "Guide"],
                    ["op": "add", "path": "/system_prompt", "value": "s [m]"],
                    ["op": "add", "path": "/pipeline_mode", "value": "full"],
                    ["op": "remove", "path": "/default_replica_id"], ["op": "remove", "path": "/document_ids"],
                ])
        }
    }

    @Test func `what the provider has not is gone, what it does not take is refused, and silence is no success`()
        async throws
    {
        for (status, code) in [(404, ProviderError.Code.gone), (422, .rejected), (400, .rejected), (500, .unavailable)]
        {
            try await ScriptedProvider.run(self.answer(status)) { provider, _ in
                let error = await failure { () throws(ProviderError) in try await provider.update("p1", to: Self.body) }
                #expect(error?.code == code)
            }
        }
    }
}
