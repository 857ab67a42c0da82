import JSON
import LanguageModels
import Testing
import Transport

@testable import Upstream

@Suite struct ChatPartsTests {
    private let role = ModelsConfiguration.Role(
        endpoint: .init(name: "double", url: "http://a/v1"), model: "m", temperature: 0.5, maxTokens: 100)
    private let request = ChatRequest(role: .reply, messages: [ChatMessage(.user, "hello")])

    // MARK: Requests

    @Test func `a request is written as the API has it`() {
        var request = self.request
        (request.maxTokens, request.temperature) = (40, 0.1)
        #expect(
            ChatDialect().body(request, self.role, streams: true) == [
                "model": "m", "messages": [["role": "user", "content": "hello"]], "max_tokens": 40, "temperature": 0.1,
                "stream": true, "stream_options": ["include_usage": true],
            ])
        request.maxTokens = 10_000
        #expect(request.limit(self.role) == 100, "the role's own limit stays in force")
    }

    @Test func `what a server refuses is left out from then on`() {
        var request = self.request
        request.format = .schema(name: "answer", ["type": "object"])
        var dialect = ChatDialect()
        #expect(dialect.body(request, self.role, streams: false)["response_format"]?["type"] == "json_schema")
        let first = dialect.adapt(to: "'response_format' of type json_schema is not supported", format: request.format)
        #expect(first)
        #expect(dialect.body(request, self.role, streams: false)["response_format"] == ["type": "json_object"])
        let second = dialect.adapt(to: "unknown field response_format", format: request.format)
        #expect(second)
        let body = dialect.body(request, self.role, streams: false)
        #expect(body["response_format"] == nil)
        #expect(body["messages"]?.array?.last?["content"]?.string?.contains(#"{"type":"object"}"#) == true)
        let third = dialect.adapt(to: "unknown field response_format", format: request.format)
        #expect(!third, "nothing is left to leave out")
    }

    @Test(arguments: [
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_completion_tokens"),
        ("temperature does not support 0.5 with this model", "max_tokens"),
        ("stream_options is not permitted", "max_tokens"),
    ])
    func `other fields are adapted too`(refusal: String, key: String) {
        var dialect = ChatDialect()
        let adapted = dialect.adapt(to: refusal, format: .text)
        #expect(adapted)
        #expect(dialect.body(self.request, self.role, streams: true)[key] == 100)
        let again = dialect.adapt(to: refusal, format: .text)
        #expect(!again)
    }

    // MARK: Answers

    private func answer(_ body: String, format: ChatFormat = .text) throws(LanguageModelError) -> ChatAnswer {
        var request = self.request
        request.format = format
        return try ChatReply.read(Array(body.utf8), for: request, from: "double")
    }

    private func code(_ work: () throws(LanguageModelError) -> Void) -> LanguageModelError.Code? {
        do throws(LanguageModelError) {
            try work()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `an answer is read with what it cost`() throws {
        let answer = try self.answer(
            #"""
            {"model": "m-1", "choices": [{"message": {"content": "hi"}, "finish_reason": "length"}],
             "usage": {"prompt_tokens": 7, "completion_tokens": 1}}
            """#)
        let expected = ChatAnswer(
            text: "hi", usage: TokenUsage(prompt: 7, answer: 1), finishReason: .length, model: "m-1")
        #expect(answer == expected)
        let plain = try self.answer(#"{"choices": [{"message": {"content": "hello you"}}]}"#)
        #expect(plain.usage == TokenUsage(prompt: 6, answer: 3, isEstimate: true))
    }

    @Test(arguments: [
        ("", "malformed_answer"), ("[]", "malformed_answer"), (#"{"choices": []}"#, "malformed_answer"),
        (#"{"choices": [{"message": {"content": null}}]}"#, "malformed_answer"),
        (#"{"choices": [{"message": {"content": ""}}]}"#, "malformed_answer"),
        (#"{"choices": [{"message": {"content": ["x"]}}]}"#, "malformed_answer"),
        (#"{"choices": [{"message": {"content": null}, "finish_reason": "content_filter"}]}"#, "content_filtered"),
        (#"{"choices": [{"message": {"content": null, "refusal": "no"}}]}"#, "content_filtered"),
        ("<html>502</html>", "malformed_answer"),
    ])
    func `what is no answer is told by its class`(body: String, code: String) {
        #expect(self.code { () throws(LanguageModelError) in _ = try self.answer(body) }?.rawValue == code)
    }

    @Test(arguments: [
        (#"{"a": 1}"#, true), ("```json\n{\"a\": {}}\n```", true), ("Sure! {\"a\": 1} ", true),
        ("[1]", false), ("no", false), ("{\"a\": ", false), ("}{", false),
    ])
    func `where JSON was asked for, one object comes out`(text: String, isGood: Bool) {
        let code = self.code { () throws(LanguageModelError) in
            let shaped = try ChatReply.shaped(text, .json, from: "double")
            #expect((try? JSONValue(parsing: shaped))?["a"] != nil)
        }
        #expect(code == (isGood ? nil : .malformed))
    }

    // MARK: Streams

    private func stream(_ events: [String]) throws(LanguageModelError) -> (pieces: [String], answer: ChatAnswer) {
        var assembler = ChatAssembler(self.request, server: "double", maxBytes: 64)
        var pieces: [String] = []
        for event in events { if let piece = try assembler.take(event) { pieces.append(piece) } }
        return (pieces, try assembler.finish())
    }

    private static func delta(_ text: String) -> String {
        let chunk: JSONValue = ["model": "m", "choices": [["delta": ["content": .string(text)]]]]
        return chunk.text
    }

    @Test func `pieces are put together, with the cost that comes last`() throws {
        let (pieces, answer) = try self.stream([
            #"{"choices": [{"delta": {"role": "assistant"}}]}"#, Self.delta("Hel"), Self.delta("lo"),
            #"{"choices": [{"delta": {}, "finish_reason": "stop"}]}"#,
            #"{"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}"#, "[DONE]",
        ])
        #expect(pieces == ["Hel", "lo"])
        #expect(
            answer
                == ChatAnswer(text: "Hello", usage: TokenUsage(prompt: 5, answer: 2), finishReason: .stop, model: "m"))
    }

    @Test(arguments: [
        ([delta("a")], "malformed_answer"), (["[DONE]"], "malformed_answer"), (["garbage"], "malformed_answer"),
        (["[1]"], "malformed_answer"), ([delta("a"), #"{"error": {"code": "server_error"}}"#], "unavailable"),
        ([#"{"error": {"code": "rate_limit_exceeded"}}"#], "rate_limited"),
        ([delta(String(repeating: "x", count: 65))], "malformed_answer"),
        ([#"{"choices": [{"delta": {}, "finish_reason": "content_filter"}]}"#], "content_filtered"),
    ])
    func `a stream that is no answer is told by its class`(events: [String], code: String) {
        #expect(self.code { () throws(LanguageModelError) in _ = try self.stream(events) }?.rawValue == code)
    }

    // MARK: Failures

    @Test(arguments: [
        (400, "", "refused", false), (401, "", "auth", false), (402, "", "quota", false), (403, "", "auth", false),
        (404, "", "refused", false), (408, "", "unavailable", true), (429, "", "rate_limited", true),
        (429, #"{"error": {"code": "insufficient_quota"}}"#, "quota", false), (500, "", "unavailable", true),
        (503, "<html>", "unavailable", true), (529, "", "unavailable", true), (302, "", "refused", false),
    ])
    func `a status has its class`(status: Int, body: String, code: String, isRetriable: Bool) {
        let failure = ChatFailure(status: status, headers: [:], body: Array(body.utf8), from: "double")
        #expect(failure.error.code.rawValue == code && failure.error.isRetriable == isRetriable)
    }

    @Test func `a server's words are not passed on, its code only as one word`() {
        for code in ["invalid_api_key", "your prompt was: hello", "<script>"] {
            let body = #"{"error": {"message": "you said: canary", "code": "\#(code)"}}"#
            let failure = ChatFailure(status: 401, headers: [:], body: Array(body.utf8), from: "double")
            #expect(
                failure.error.message
                    == (code == "invalid_api_key" ? "double answered 401 (invalid_api_key)" : "double answered 401"))
        }
    }

    @Test(arguments: [
        ("2", 2_000), ("0.5", 500), ("-1", nil), ("Wed, 21 Oct 2026 07:28:00 GMT", nil), ("99999", nil), ("nan", nil),
    ])
    func `a wish to wait is heard where it is a number of seconds`(text: String, milliseconds: Int?) {
        let failure = ChatFailure(status: 429, headers: ["retry-after": text], body: [], from: "double")
        #expect(failure.error.retryAfter == milliseconds.map { .milliseconds($0) })
    }

    // MARK: Tries

    private let passing = LanguageModelError(.unavailable, "x", isRetriable: true)

    @Test func `pauses grow, differ by chance, and have an end`() {
        let plan = RetryPlan(maxRetries: 3)
        let pauses = (0..<4).map { plan.pause(after: self.passing, retries: $0, left: .seconds(60), random: 1) }
        #expect(pauses == [.milliseconds(400), .milliseconds(800), .milliseconds(1_600), nil])
        #expect(plan.pause(after: self.passing, retries: 0, left: .seconds(60), random: 0) == .milliseconds(200))
        #expect(plan.pause(after: self.passing, retries: 1, left: .milliseconds(500), random: 1) == nil)
        #expect(plan.pause(after: LanguageModelError(.auth, "x"), retries: 0, left: .seconds(60), random: 1) == nil)
    }

    @Test func `a wish to wait is kept, or told where it is too long`() {
        func pause(_ seconds: Int) -> Duration? {
            let error = LanguageModelError(.rateLimited, "x", isRetriable: true, retryAfter: .seconds(seconds))
            return RetryPlan().pause(after: error, retries: 0, left: .seconds(60), random: 0)
        }
        #expect(pause(3) == .seconds(3))
        #expect(pause(11) == nil)
    }

    // MARK: Budgets

    @Test func `a budget fills up again, and what was not used comes back`() {
        var ledger = TokenLedger(perMinute: 600, perPayer: nil)
        let verdicts = [ledger.reserve(600, for: nil, at: 0), ledger.reserve(100, for: nil, at: 4)]
        #expect(verdicts == [.granted, .later(seconds: 6, limit: 600)])
        let then = [ledger.reserve(100, for: nil, at: 10), ledger.reserve(601, for: nil, at: 100)]
        #expect(then == [.granted, .never(limit: 600)])
        ledger.giveBack(50, for: nil, at: 10)
        let last = ledger.reserve(50, for: nil, at: 10)
        #expect(last == .granted)
    }

    @Test func `one payer takes nothing from another, and a refused one nothing from all`() {
        var ledger = TokenLedger(perMinute: 250, perPayer: 100)
        let verdicts = ["a", "a", "b", "c"].map { ledger.reserve(100, for: $0, at: 0) }
        #expect(verdicts == [.granted, .later(seconds: 60, limit: 100), .granted, .later(seconds: 12, limit: 250)])
    }

    @Test func `payers are forgotten when their accounts are full again`() {
        var ledger = TokenLedger(perMinute: nil, perPayer: 60)
        for index in 0..<10_000 { _ = ledger.reserve(1, for: "\(index)", at: 0) }
        _ = ledger.reserve(60, for: "new", at: 0)
        let full = ledger.reserve(1, for: "another", at: 0)
        #expect(full == .later(seconds: 1, limit: 60), "beyond the limit newcomers share an account")
        _ = ledger.reserve(1, for: "later", at: 120)
        #expect(ledger.payerCount < 3)
    }
}
