import LanguageModels
import Transport

/// One streamed answer: opened at the first read, and given up with its reader.
actor ChatReader {
    private enum Phase {
        case waiting
        case open(OpenAnswer)
        case over
    }

    private let request: ChatRequest
    private let caller: ModelCaller
    private let budget: (any TokenBudget)?
    private let begun: ContinuousClock.Instant
    private var phase = Phase.waiting
    private var hold: BudgetHold?

    init(_ request: ChatRequest, caller: ModelCaller, budget: (any TokenBudget)?) {
        self.request = request
        self.caller = caller
        self.budget = budget
        self.begun = caller.clock.now()
    }

    func next() async throws(LanguageModelError) -> ChatStream.Element? {
        do throws(LanguageModelError) {
            if case .waiting = self.phase { self.phase = .open(try await self.open()) }
            guard case .open(var answer) = self.phase else { return nil }
            let element = try await answer.next()
            self.phase = .open(answer)
            self.hold?.spent(self.request.promptTokens + answer.writtenTokens)
            if case .end(let whole) = element { self.settle(whole.usage) }
            return element
        } catch {
            self.end(error)
            throw error
        }
    }

    private func settle(_ usage: TokenUsage) {
        self.hold?.settle(usage.total)
        self.caller.metrics.used(self.request.role, usage)
        self.end(nil)
    }

    private func end(_ error: LanguageModelError?) {
        self.phase = .over
        self.hold = nil
        self.caller.ended(self.request.role, error, since: self.begun)
    }

    /// Asks, and waits for the first text: until then a failure may be tried again.
    private func open() async throws(LanguageModelError) -> OpenAnswer {
        let role = try self.caller.role(self.request.role)
        self.hold = try BudgetHold(self.budget, self.request, role)
        let (request, caller) = (self.request, self.caller)
        let answer = try await caller.call(request.role, role, format: request.format) {
            timeout throws(ChatFailure) in
            let body = caller.dialect(request.role).body(request, role, streams: true).encoded
            return try await OpenAnswer.open(request, role.endpoint, body, timeout, caller.client)
        }
        caller.metrics.firstText(request.role, after: caller.clock.now() - self.begun)
        return answer
    }
}

/// A streamed answer that has begun: its connection, and what came of it and was not read yet.
struct OpenAnswer: Sendable {
    private let stream: HTTPClientStream
    private var assembler: ChatAssembler
    private var parser = ServerSentEventParser()
    private var pieces: [String] = []
    /// Told once the pieces before it have been read.
    private var failure: LanguageModelError?
    private var hasEnded = false

    private init(_ stream: HTTPClientStream, _ assembler: ChatAssembler) {
        self.stream = stream
        self.assembler = assembler
    }

    /// About what was written so far.
    var writtenTokens: Int { self.assembler.answerTokens }

    /// Returns with the first text in hand.
    static func open(
        _ request: ChatRequest, _ endpoint: ModelsConfiguration.Endpoint, _ body: [UInt8], _ timeout: Duration,
        _ client: HTTPClient
    ) async throws(ChatFailure) -> OpenAnswer {
        var wanted = endpoint.request("/chat/completions", body: .bytes(body), timeout: timeout)
        wanted.headers.append(("Accept", "text/event-stream"))
        let stream: HTTPClientStream
        do throws(HTTPClientError) { stream = try await client.stream(wanted) } catch { throw ChatFailure(error) }
        guard stream.status == 200 else { throw await self.refusal(stream, from: endpoint.name) }
        var answer = OpenAnswer(stream, ChatAssembler(request, server: endpoint.name))
        do throws(LanguageModelError) { try await answer.advance() } catch { throw ChatFailure(error) }
        return answer
    }

    mutating func next() async throws(LanguageModelError) -> ChatStream.Element {
        try await self.advance()
        if !self.pieces.isEmpty { return .text(self.pieces.removeFirst()) }
        return .end(try self.assembler.finish())
    }

    /// Reads until there is text, or the end.
    private mutating func advance() async throws(LanguageModelError) {
        while self.pieces.isEmpty, !self.hasEnded {
            if let failure = self.failure { throw failure }
            do throws(HTTPClientError) {
                guard let bytes = try await self.stream.read() else {
                    self.hasEnded = true
                    break
                }
                self.take(bytes)
            } catch {
                throw ChatFailure(error).error
            }
        }
        if self.hasEnded, self.pieces.isEmpty { _ = try self.assembler.finish() }
    }

    private mutating func take(_ bytes: [UInt8]) {
        do throws(ServerSentEventParser.TooLarge) {
            let events = try self.parser.push(bytes)
            do throws(LanguageModelError) {
                for event in events {
                    if let piece = try self.assembler.take(event.data) { self.pieces.append(piece) }
                }
            } catch {
                self.failure = error
            }
        } catch {
            self.failure = .malformed("a streamed event exceeds \(error.limit) bytes")
        }
        // Some servers keep the connection when all is said.
        if self.assembler.isDone { self.hasEnded = true }
    }

    private static func refusal(_ stream: HTTPClientStream, from server: String) async -> ChatFailure {
        var body: [UInt8] = []
        do throws(HTTPClientError) {
            while body.count < 65_536, let bytes = try await stream.read() { body += bytes }
        } catch {
            if error.code == .cancelled { return ChatFailure(error) }
        }
        return ChatFailure(status: stream.status, headers: stream.headers, body: body, from: server)
    }
}
