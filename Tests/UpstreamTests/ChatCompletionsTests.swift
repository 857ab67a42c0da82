import JSON
import LanguageModels
import Observability
import Synchronization
import Testing
import Transport

@testable import Upstream

/// Calls to a scripted server on loopback; time passes when the code sleeps.
@Suite(.timeLimit(.minutes(1))) struct ChatCompletionsTests {
    // MARK: The laboratory

    /// Answers each request with the next of its replies, the last one for ever, and keeps what it was asked.
    private final class Script: ServerApplication {
        enum Reply: Sendable {
            case answer(Int, String, headers: [(String, String)] = [])
            /// Events, each flushed; `isOpen` keeps the connection afterwards.
            case events([String], isOpen: Bool = false)
        }

        private let replies: Mutex<[Reply]>
        private let requests = Mutex<[HTTPRequest]>([])
        let gone = AsyncStream<Void>.makeStream()

        init(_ replies: [Reply]) { self.replies = Mutex(replies) }

        var asked: [HTTPRequest] { self.requests.withLock { $0 } }
        var bodies: [JSONValue] { self.asked.compactMap { try? JSONValue(parsing: $0.body) } }

        func decide(_ upgrade: HTTPRequestHead, on loop: EventLoop) -> UpgradeDecision {
            .refuse(HTTPResponse(status: 404))
        }
        func bodyLimit(for head: HTTPRequestHead) -> Int { 1 << 20 }

        func respond(to request: HTTPRequest) async -> HTTPResponse {
            self.requests.withLock { $0.append(request) }
            let reply = self.replies.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
            switch reply {
            case .answer(let status, let body, let headers):
                return HTTPResponse(status: status, headers: headers, body: .bytes(Array(body.utf8)))
            case .events(let events, let isOpen):
                return HTTPResponse(
                    status: 200, headers: [("content-type", "text/event-stream")],
                    body: .stream { [gone = self.gone.continuation] writer in
                        defer { gone.yield() }
                        for event in events { try await writer.write("data: \(event)\n\n") }
                        while isOpen { try await writer.write(": still there\n") }
                    })
            }
        }
    }

    private final class Time: Sendable {
        private let state = Mutex((now: ContinuousClock.now, slept: [Duration]()))
        var slept: [Duration] { self.state.withLock { $0.slept } }

        var clock: ModelClock {
            ModelClock(
                now: { self.state.withLock { $0.now } },
                sleep: { pause in
                    self.state.withLock {
                        $0.now += pause
                        $0.slept.append(pause)
                    }
                    try Task.checkCancellation()
                }, random: { 1 })
        }
    }

    private final class Budget: TokenBudget {
        let entries = Mutex<[String]>([])
        private let isEmpty: Bool
        init(isEmpty: Bool = false) { self.isEmpty = isEmpty }

        func reserve(_ tokens: Int, for payer: String?) throws(LanguageModelError) {
            guard !self.isEmpty else { throw LanguageModelError(.overBudget, "used up", retryAfter: .seconds(9)) }
            self.entries.withLock { $0.append("reserve \(tokens) \(payer ?? "-")") }
        }

        func settle(reserved: Int, used: Int, for payer: String?) {
            self.entries.withLock { $0.append("settle \(reserved) \(used) \(payer ?? "-")") }
        }
    }

    private struct Laboratory {
        let script: Script
        let time = Time()
        let models: ModelsConfiguration
        let client: HTTPClient
        let metrics: MetricsRegistry

        func chat(budget: (any TokenBudget)? = nil, log: Log = .disabled) -> ChatCompletions {
            ChatCompletions(
                models: self.models, client: self.client, budget: budget, clock: self.time.clock, log: log,
                metrics: self.metrics)
        }
    }

    private func run(_ replies: [Script.Reply], _ body: (Laboratory) async throws -> Void) async throws {
        let script = Script(replies)
        let metrics = MetricsRegistry()
        let group = try EventLoopGroup(count: 1, log: .disabled, metrics: metrics)
        let server = Server(
            group: group, configuration: ServerConfiguration(listen: [("127.0.0.1", 0)]), application: script,
            log: .disabled, metrics: metrics)
        let port = try await server.start()[0].port
        let endpoint = ModelsConfiguration.Endpoint(
            name: "double", url: "http://127.0.0.1:\(port)/v1", key: Secret("sk-canary"))
        let models = ModelsConfiguration(roles: [
            .reply: .init(endpoint: endpoint, model: "m", maxTokens: 50, timeout: .seconds(20)),
            .transcription: .init(endpoint: endpoint, model: "whisper"),
        ])
        let client = try HTTPClient(log: .disabled, metrics: metrics)
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await body(Laboratory(script: script, models: models, client: client, metrics: metrics)))
        } catch {
            result = .failure(error)
        }
        await client.shutdown()
        await server.close(deadline: .zero)
        await group.shutdown()
        try result.get()
    }

    private static let good =
        #"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#
    private static let deltas = [
        #"{"choices":[{"delta":{"content":"Hel"}}]}"#, #"{"choices":[{"delta":{"content":"lo"}}]}"#,
        #"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#, "[DONE]",
    ]
    private let request = ChatRequest(role: .reply, messages: [ChatMessage(.user, "secret question")], payer: "u")

    private func failure(_ chat: ChatCompletions, _ request: ChatRequest) async -> LanguageModelError? {
        do throws(LanguageModelError) {
            _ = try await chat.answer(request)
            return nil
        } catch {
            return error
        }
    }

    private func read(_ stream: ChatStream) async -> (text: [String], answer: ChatAnswer?, error: LanguageModelError?) {
        var text: [String] = []
        var answer: ChatAnswer?
        do throws(LanguageModelError) {
            for try await element in stream {
                switch element {
                case .text(let piece): text.append(piece)
                case .end(let whole): answer = whole
                }
            }
        } catch {
            return (text, answer, error)
        }
        return (text, answer, nil)
    }

    // MARK: Whole answers

    @Test func `an answer comes with its cost, and its budget is settled`() async throws {
        try await self.run([.answer(200, Self.good)]) { lab in
            let budget = Budget()
            let answer = try await lab.chat(budget: budget).answer(self.request)
            #expect(answer.text == "hi" && answer.usage.total == 4)
            #expect(budget.entries.withLock { $0 } == ["reserve 58 u", "settle 58 4 u"])
            let head = try #require(lab.script.asked.first).head
            #expect(head.path == "/v1/chat/completions" && head.headers["authorization"] == "Bearer sk-canary")
            #expect(lab.metrics.prometheusText().contains(#"vaani_model_tokens_total{role="reply",kind="prompt"} 3"#))
        }
    }

    @Test func `trouble that passes is tried again, with growing pauses`() async throws {
        try await self.run([.answer(503, ""), .answer(200, "garbage"), .answer(200, Self.good)]) { lab in
            #expect(await self.failure(lab.chat(), self.request) == nil)
            #expect(lab.time.slept == [.milliseconds(400), .milliseconds(800)])
        }
    }

    @Test func `a server that wants a pause gets it`() async throws {
        try await self.run([.answer(429, "", headers: [("retry-after", "3")]), .answer(200, Self.good)]) { lab in
            #expect(await self.failure(lab.chat(), self.request) == nil)
            #expect(lab.time.slept == [.seconds(3)])
        }
    }

    @Test(arguments: [(401, "auth", 1), (500, "unavailable", 3), (429, "rate_limited", 3), (404, "refused", 1)])
    func `trouble that lasts is told after as many tries as make sense`(status: Int, code: String, tries: Int)
        async throws
    {
        try await self.run([.answer(status, #"{"error":{"message":"secret question"}}"#)]) { lab in
            let budget = Budget()
            let error = await self.failure(lab.chat(budget: budget), self.request)
            #expect(error?.code.rawValue == code && error?.message.contains("secret") == false)
            #expect(lab.script.asked.count == tries)
            #expect(budget.entries.withLock { $0 } == ["reserve 58 u", "settle 58 0 u"])
        }
    }

    @Test func `a mode that a server refuses is left out, and remembered`() async throws {
        try await self.run([
            .answer(400, #"{"error":{"message":"response_format is not supported"}}"#),
            .answer(200, #"{"choices":[{"message":{"content":"{\"a\":1}"}}]}"#),
        ]) { lab in
            var request = self.request
            request.format = .json
            let chat = lab.chat()
            for _ in 0..<2 { #expect(await self.failure(chat, request) == nil) }
            #expect(lab.script.bodies.map { $0["response_format"] != nil } == [true, false, false])
            #expect(lab.time.slept.isEmpty)
        }
    }

    @Test func `an empty budget asks nobody`() async throws {
        try await self.run([.answer(200, Self.good)]) { lab in
            let error = await self.failure(lab.chat(budget: Budget(isEmpty: true)), self.request)
            #expect(error?.code == .overBudget && error?.retryAfter == .seconds(9))
            let stream = await self.read(lab.chat(budget: Budget(isEmpty: true)).stream(self.request))
            #expect(stream.error?.code == .overBudget)
            #expect(lab.script.asked.isEmpty)
        }
    }

    @Test func `a role that nobody has is told`() async throws {
        try await self.run([.answer(200, Self.good)]) { lab in
            var request = self.request
            request.role = ModelRole(rawValue: "judge")
            #expect(!lab.chat().answers(in: request.role) && lab.chat().answers(in: .reply))
            #expect(await self.failure(lab.chat(), request)?.code == .notConfigured)
        }
    }

    // MARK: Streams

    @Test func `text is handed out as it comes, and an open connection holds nothing up`() async throws {
        for isOpen in [false, true] {
            try await self.run([.events(Self.deltas, isOpen: isOpen)]) { lab in
                let budget = Budget()
                let (text, answer, error) = await self.read(lab.chat(budget: budget).stream(self.request))
                #expect(text == ["Hel", "lo"] && answer?.text == "Hello" && error == nil)
                #expect(budget.entries.withLock { $0 }.last == "settle 58 10 u")
            }
        }
    }

    @Test func `a stream that fails before its first text is tried again, later it is not`() async throws {
        try await self.run([.answer(502, ""), .events(["garbage"]), .events(Self.deltas)]) { lab in
            let (text, _, error) = await self.read(lab.chat().stream(self.request))
            #expect(text == ["Hel", "lo"] && error == nil)
            #expect(lab.time.slept.count == 2)
        }
        try await self.run([.events([Self.deltas[0], #"{"error":{"code":"overloaded"}}"#])]) { lab in
            let (text, answer, error) = await self.read(lab.chat().stream(self.request))
            #expect(text == ["Hel"] && answer == nil && error?.code == .unavailable)
            #expect(lab.script.asked.count == 1)
        }
        try await self.run([.events([Self.deltas[0]])]) { lab in
            let (text, _, error) = await self.read(lab.chat().stream(self.request))
            #expect(text == ["Hel"] && error?.code == .malformed)
        }
    }

    @Test func `whoever lets go of a stream ends the transfer and pays for what was written`() async throws {
        try await self.run([.events([Self.deltas[0]], isOpen: true)]) { lab in
            let budget = Budget()
            for try await element in lab.chat(budget: budget).stream(self.request) {
                #expect(element == .text("Hel"))
                break
            }
            var gone = lab.script.gone.stream.makeAsyncIterator()
            await gone.next()
            #expect(budget.entries.withLock { $0 } == ["reserve 58 u", "settle 58 9 u"])
        }
    }

    @Test func `cancelling the task ends a stream that waits`() async throws {
        try await self.run([.events([Self.deltas[0]], isOpen: true)]) { lab in
            let (begun, signal) = AsyncStream<Void>.makeStream()
            let task = Task { () -> LanguageModelError? in
                do throws(LanguageModelError) {
                    for try await _ in lab.chat().stream(self.request) { signal.yield() }
                    return nil
                } catch {
                    return error
                }
            }
            var iterator = begun.makeAsyncIterator()
            await iterator.next()
            task.cancel()
            #expect(await task.value?.code == .cancelled)
        }
    }

    // MARK: Speech

    @Test func `speech is sent as a file, and its words come back on one line`() async throws {
        try await self.run([.answer(503, ""), .answer(200, #"{"text":" नमस्ते \n जी"}"#)]) { lab in
            let speech = try #require(
                Transcriptions(
                    models: lab.models, client: lab.client, clock: lab.time.clock, log: .disabled, metrics: lab.metrics)
            )
            let text = try await speech.transcribe(
                SpokenUtterance(wav: Array("RIFFcanary".utf8), milliseconds: 100, language: "hi"))
            #expect(text == "नमस्ते जी")
            let request = try #require(lab.script.asked.last)
            #expect(request.head.path == "/v1/audio/transcriptions")
            let form = String(decoding: request.body, as: UTF8.self)
            for part in [
                "name=\"model\"\r\n\r\nwhisper", "name=\"language\"\r\n\r\nhi", "filename=\"speech.wav\"", "RIFFcanary",
            ] {
                #expect(form.contains(part))
            }
        }
    }

    @Test(arguments: ["", "[]", #"{"text": 7}"#])
    func `what is no transcript is told`(body: String) async throws {
        try await self.run([.answer(200, body)]) { lab in
            let speech = try #require(
                Transcriptions(
                    models: lab.models, client: lab.client, clock: lab.time.clock, log: .disabled, metrics: lab.metrics)
            )
            await #expect {
                _ = try await speech.transcribe(SpokenUtterance(wav: [], milliseconds: 0))
            } throws: { ($0 as? LanguageModelError)?.code == .malformed }
        }
    }

    // MARK: Silence

    private struct Lines: LogSink {
        let minimumLevel = LogLevel.trace
        let kept: Kept
        final class Kept: Sendable { let text = Mutex("") }
        func write(_ record: LogRecord) { self.kept.text.withLock { $0 += "\(record)\n" } }
    }

    @Test func `neither a prompt nor an answer nor a key reaches the log`() async throws {
        let kept = Lines.Kept()
        let log = Log(sink: Lines(kept: kept))
        try await self.run([
            .answer(400, #"{"error":{"message":"secret question"}}"#),
            .answer(200, #"{"choices":[{"message":{"content":"secret answer"}}]}"#),
        ]) { lab in
            for _ in 0..<2 { _ = await self.failure(lab.chat(log: log), self.request) }
        }
        let text = kept.text.withLock { $0 }
        #expect(text.contains("model call ended"))
        #expect(!text.contains("secret") && !text.contains("canary"))
    }
}
