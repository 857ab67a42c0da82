import JSON
import Studio
import Testing
import Transport

@testable import Providers

@Suite(.timeLimit(.minutes(1))) struct ProviderFailureTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let status: Int
        let body: String
        let code: ProviderError.Code
        let disposition: ProviderError.Disposition
        var testDescription: String { "\(self.status) \(self.body.prefix(30))" }

        init(_ status: Int, _ body: String, _ code: ProviderError.Code, _ disposition: ProviderError.Disposition) {
            self.status = status
            self.body = body
            self.code = code
            self.disposition = disposition
        }
    }

    private static let refusals = [
        Refusal(400, #"{"error":"Invalid replica_uuid"}"#, .unknownReplica, .never),
        Refusal(400, #"{"error":"Invalid document id d7"}"#, .unknownDocument, .never),
        Refusal(400, #"{"message":"bad layers"}"#, .rejected, .never),
        Refusal(
            400, #"{"message":"User has reached maximum concurrent conversations"}"#, .busy, .retryLater),
        Refusal(400, #"{"message":"The user is out of conversational credits"}"#, .outOfCredits, .retryLater),
        Refusal(402, #"{"message":"Payment required"}"#, .outOfCredits, .retryLater),
        Refusal(401, #"{"message":"Invalid access token"}"#, .unauthorized, .never),
        Refusal(403, "", .unauthorized, .never),
        Refusal(404, "<html>", .rejected, .never),
        Refusal(422, #"{"message":{"layers":["Unknown field."]}}"#, .rejected, .never),
        Refusal(429, #"{"error":"slow down"}"#, .rateLimited, .retry(after: .seconds(7))),
        Refusal(503, "", .unavailable, .retry(after: .seconds(7))),
        Refusal(500, "boom", .unavailable, .unknownOutcome),
        Refusal(504, "", .unavailable, .unknownOutcome),
        Refusal(302, "", .malformed, .retry(after: nil)),
    ]

    private func creation(
        _ provider: HTTPPersonaProvider, _ prompt: String = "p"
    ) async throws -> ProviderError? {
        let payload = try provider.payload(for: try PersonaInput.config(["systemPrompt": .string(prompt)]), marker: "m")
        return await failure { () throws(ProviderError) in try await provider.create(payload.body) }
    }

    @Test(arguments: refusals)
    func `S0-57 a refusal says whether to come again, in our own words`(refusal: Refusal) async throws {
        let headers = [("retry-after", "7"), ("location", "http://127.0.0.1:1/")]
        try await ScriptedProvider.run({ _ in .answer(refusal.status, refusal.body, headers: headers) }) {
            provider, script in
            let error = try #require(try await self.creation(provider))
            #expect(error.code == refusal.code && error.disposition == refusal.disposition)
            #expect(refusal.body.isEmpty || !error.message.contains(refusal.body))
            #expect(error.detail.hasPrefix("\(refusal.status)"))
            #expect(script.asked.count == 1)
        }
    }

    @Test func `a call that only looks is safe to repeat, where one that makes something is not`() async throws {
        for (status, body) in [(500, "x"), (503, ""), (408, ""), (200, "garbage"), (200, "[]")] {
            try await ScriptedProvider.run({ _ in .answer(status, body) }) { provider, _ in
                let look = await failure { () throws(ProviderError) in try await provider.persona("p") }
                #expect(look?.disposition == .retry(after: nil), "\(status) \(body)")
                let disposition = try await self.creation(provider)?.disposition
                #expect(disposition == .unknownOutcome, "\(status) \(body)")
            }
        }
    }

    @Test(arguments: [400, 405, 422]) func `a list that is refused is the provider's fault, not the client's`(
        status: Int
    ) async throws {
        try await ScriptedProvider.run({ _ in .answer(status, #"{"error":"Invalid replica limit"}"#) }) { provider, _ in
            let error = await failure { () throws(ProviderError) in try await provider.replicas() }
            #expect(error?.code == .unavailable && error?.disposition == .retry(after: nil))
        }
    }

    @Test(arguments: [
        "", "{", "null", "[]", "7", #""text""#, "{}", #"{"data":7}"#, #"{"data":[7]}"#, #"{"data":{"data":[]}}"#,
        #"{"persona_id":7,"document_id":7,"replica_id":[]}"#, #"{"persona_id":"","document_id":"","replica_id":""}"#,
        #"{"persona_id":"a b","document_id":"é","replica_id":"\u0007"}"#, "\u{0}\u{1}",
        String(repeating: "[", count: 100_000),
    ])
    func `no answer of any shape is taken for a persona, a document or a replica`(body: String) async throws {
        try await ScriptedProvider.run({ _ in .answer(200, body) }) { provider, _ in
            #expect(await failure { () throws(ProviderError) in try await provider.persona("p") }?.code == .malformed)
            #expect(await failure { () throws(ProviderError) in try await provider.document("d") }?.code == .malformed)
            #expect(await failure { () throws(ProviderError) in try await provider.replica("r") }?.code == .malformed)
        }
    }

    @Test func `what is no list is an error, never an empty one`() async throws {
        for body in ["", "7", #"{"data":7}"#, #"{"message":"hi"}"#] {
            try await ScriptedProvider.run({ _ in .answer(200, body) }) { provider, _ in
                #expect(
                    await failure { () throws(ProviderError) in try await provider.documents(DocumentQuery()) }?.code
                        == .malformed)
                #expect(
                    await failure { () throws(ProviderError) in try await provider.find(marker: "m") }?.code
                        == .malformed)
            }
        }
    }

    @Test func `S0-16 a provider that says nothing is given up after the timeout, and one that is not there at once`()
        async throws
    {
        try await ScriptedProvider.run({ _ in .silence }) {
            $0.timeout = .milliseconds(200)
        } _: { provider, _ in
            let begun = ContinuousClock.now
            let error = await failure { () throws(ProviderError) in try await provider.documents(DocumentQuery()) }
            #expect(error?.code == .timeout && error?.disposition == .retry(after: nil))
            #expect(.now - begun < .seconds(5))
            let disposition = try await self.creation(provider)?.disposition
            #expect(disposition == .unknownOutcome)
        }
        try await ScriptedProvider.run({ _ in .silence }) {
            $0.url = "http://127.0.0.1:1"
        } _: { provider, _ in
            let error = try await self.creation(provider)
            #expect(error?.code == .unreachable && error?.disposition == .retry(after: nil))
        }
    }

    @Test func `an answer larger than can be meant is not read to its end`() async throws {
        let huge = #"{"data":"# + String(repeating: " ", count: 9 << 20) + "[]}"
        try await ScriptedProvider.run({ _ in .answer(200, huge) }) { provider, _ in
            #expect(await failure { () throws(ProviderError) in try await provider.replicas() }?.code == .malformed)
        }
    }

    // MARK: The key

    @Test func `S0-19 a redirect takes the key nowhere`() async throws {
        try await ScriptedProvider.run({ _ in .answer(200, "{}") }) { _, thief in
            let target = "http://localhost:9/"
            try await ScriptedProvider.run({ _ in .answer(307, "", headers: [("location", target)]) }) { provider, _ in
                #expect(await failure { () throws(ProviderError) in try await provider.replicas() }?.code == .malformed)
            }
            #expect(thief.asked.isEmpty)
        }
    }

    @Test func `S0-19 S0-57 a provider that repeats the key or the prompt puts neither into an error`() async throws {
        let prompt = "You are Meera, and your secret is a birthday cake."
        let body = #"{"error":"key \#(ScriptedProvider.key) may not send \#(prompt)\n\u001b[31m"}"#
        try await ScriptedProvider.run({ _ in .answer(422, body) }) { provider, _ in
            let error = try #require(try await self.creation(provider, prompt))
            #expect(error.detail == "422 key •••• may not send …")
            #expect(!"\(error)".contains("key ") && !String(reflecting: error).contains(ScriptedProvider.key))
        }
    }

    @Test func `S0-19 a provider that repeats the key in a list does not get it shown`() async throws {
        let key = ScriptedProvider.key
        let body =
            #"{"data":[{"document_id":"d1","document_name":"my \#(key)","tags":["\#(key)"]},{"document_id":"\#(key)"}],"total_count":1}"#
        try await ScriptedProvider.run({ _ in .answer(200, body) }) { provider, _ in
            let documents = try await provider.documents(DocumentQuery())
            #expect(
                documents == [
                    RemoteDocument(id: "d1", name: "my ••••", tags: ["••••"])
                ])
        }
    }

    @Test(arguments: [
        ("का\u{200D}म 👩\u{200D}🏫\n", "का\u{200D}म 👩\u{200D}🏫\n"), ("a\u{1B}[31m\u{202E}b\0\u{FEFF}", "a[31mb"),
        ("k-1\u{200B}23 k-123", "•••• ••••"), ("12345678901234567890", "123456789012345"),
    ]) func `S0-19 a text loses the key and what no reader sees, and keeps what shapes its letters`(
        text: String, shown: String
    ) {
        #expect(Redaction(Secret("k-123")).clean(text, limit: 15) == shown)
    }

    @Test func `S0-19 a key behind much white space is not shown in part`() async throws {
        let key = ScriptedProvider.key
        for length in Array(1_970...2_002) + Array((64 << 10) - 30...(64 << 10) + 2) {
            let body = Array((String(repeating: " ", count: length) + key).utf8)
            let error = ProviderError(
                HTTPClientResponse(status: 500, body: body), to: ProviderCall("/"), Redaction(Secret(key)))
            #expect(!error.detail.contains(key.prefix(8)))
        }
    }

    @Test func `S0-19 settings that are printed do not show the key`() {
        let settings = ProviderSettings(url: "https://x", key: Secret(ScriptedProvider.key))
        var text = "\(settings)" + String(reflecting: settings)
        dump(settings, to: &text)
        #expect(!text.contains(ScriptedProvider.key))
    }
}
