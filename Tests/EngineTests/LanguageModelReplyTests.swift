import JSON
import LanguageModels
import RealtimeProtocol
import Synchronization
import Testing

@testable import Engine

/// The engine over loopback with a language model and a recognizer that are made of closures.
@Suite(.timeLimit(.minutes(1))) struct LanguageModelReplyTests {
    /// Follows a script; keeps what it was asked.
    private final class Model: LanguageModel {
        enum Step: Sendable {
            case text(String), fail(LanguageModelError), end, hang
        }

        private let steps: [Step]
        let asked = Mutex<[ChatRequest]>([])
        let cancelled = AsyncStream<Void>.makeStream()

        init(_ steps: [Step]) { self.steps = steps }

        func answers(in role: ModelRole) -> Bool { role == .reply }

        func answer(_ request: ChatRequest) async throws(LanguageModelError) -> ChatAnswer {
            throw LanguageModelError(.notConfigured, "streams alone")
        }

        func stream(_ request: ChatRequest) -> ChatStream {
            self.asked.withLock { $0.append(request) }
            let rest = Rest(self.steps)
            return ChatStream { () async throws(LanguageModelError) -> ChatStream.Element? in
                switch rest.next() {
                case .text(let text): return .text(text)
                case .fail(let error): throw error
                case .end:
                    return .end(
                        ChatAnswer(
                            text: "", usage: TokenUsage(prompt: 1, answer: 1), finishReason: .stop, model: "double"))
                case .hang:
                    try? await Task.sleep(for: .seconds(600))
                    self.cancelled.continuation.yield()
                    throw .cancelled
                case nil: return nil
                }
            }
        }

        private final class Rest: Sendable {
            private let steps: Mutex<[Step]>
            init(_ steps: [Step]) { self.steps = Mutex(steps) }
            func next() -> Step? { self.steps.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
        }
    }

    private struct Recognizer: SpeechRecognizer {
        let words: Result<String, LanguageModelError>
        func transcribe(_ utterance: SpokenUtterance) async throws(LanguageModelError) -> String {
            try self.words.get()
        }
    }

    private func run(
        _ steps: [Model.Step], words: Result<String, LanguageModelError>? = nil, patience: Duration = .seconds(30),
        _ body: (Caller, Model, EngineHarness) async throws -> Void
    ) async throws {
        let model = Model(steps)
        var configuration = EngineConfiguration.fast
        configuration.replyPatience = patience
        let models = EngineModels(languageModel: model, recognizer: words.map { Recognizer(words: $0) })
        try await EngineHarness.run(configuration, models: models) { harness in
            let caller = try await harness.call()
            _ = await caller.events { if case .sessionCreated = $0 { true } else { false } }
            try await body(caller, model, harness)
        }
    }

    private func summary(_ events: [RealtimeServerEvent]) -> ResponseSummary? {
        for case .responseDone(let summary) in events { return summary }
        return nil
    }

    private func words(_ events: [RealtimeServerEvent]) -> String? {
        for case .transcriptDone(_, let text) in events { return text }
        return nil
    }

    private func audioPieces(_ events: [RealtimeServerEvent]) -> Int {
        events.count { if case .audioDelta = $0 { true } else { false } }
    }

    @Test func `a written answer is spoken whole`() async throws {
        let pieces = ["Good morn", "ing to you. ", "How may ", "I help", " you today?"]
        try await self.run(pieces.map { .text($0) } + [.end]) { caller, model, _ in
            caller.send(.createResponse(ResponseRequest()))
            let events = await caller.untilResponseDone()
            #expect(self.words(events) == pieces.joined())
            #expect(self.audioPieces(events) > 5)
            #expect(self.summary(events)?.metadata == ["vaani_reply": "language_model"])
            #expect(model.asked.withLock { $0.first?.role } == .reply)
        }
    }

    @Test func `the first sentence is heard while the second is still being written`() async throws {
        try await self.run([.text("Good morning to you. "), .hang]) { caller, model, _ in
            caller.send(.createResponse(ResponseRequest()))
            let events = await caller.events { if case .audioDelta = $0 { true } else { false } }
            #expect(self.audioPieces(events) == 1)
            caller.send(.cancelResponse(responseID: nil))
            #expect(self.summary(await caller.untilResponseDone())?.status == .cancelled)
            var cancelled = model.cancelled.stream.makeAsyncIterator()
            await cancelled.next()
        }
    }

    @Test func `hanging up ends the call to the model`() async throws {
        try await self.run([.text("Good morning to you. "), .hang]) { caller, model, _ in
            caller.send(.createResponse(ResponseRequest()))
            _ = await caller.events { if case .audioDelta = $0 { true } else { false } }
            caller.hangUp()
            var cancelled = model.cancelled.stream.makeAsyncIterator()
            await cancelled.next()
        }
    }

    @Test(arguments: ["rate_limited", "malformed_answer", "unavailable"])
    func `a model that fails is stood in for`(code: String) async throws {
        let error = LanguageModelError(LanguageModelError.Code(rawValue: code), "x")
        try await self.run([.fail(error)]) { caller, _, harness in
            caller.send(.createResponse(ResponseRequest()))
            let events = await caller.untilResponseDone()
            #expect(self.audioPieces(events) > 0 && self.summary(events)?.status == .completed)
            #expect(self.summary(events)?.metadata == ["vaani_reply": "embedded", "vaani_warning": code])
            #expect(harness.metrics.prometheusText().contains("vaani_engine_fallbacks_total 1"))
        }
    }

    @Test func `a model that is silent for too long is stood in for`() async throws {
        try await self.run([.hang], patience: .milliseconds(50)) { caller, model, _ in
            caller.send(.createResponse(ResponseRequest()))
            let events = await caller.untilResponseDone()
            #expect(self.summary(events)?.metadata == ["vaani_reply": "embedded", "vaani_warning": "timeout"])
            var cancelled = model.cancelled.stream.makeAsyncIterator()
            await cancelled.next()
        }
    }

    @Test func `a spoken question is written down and answered`() async throws {
        try await self.run([.text("In spring."), .end], words: .success("When will I marry?")) { caller, model, _ in
            caller.send(
                .sessionUpdate(
                    SessionUpdate(
                        turnDetection: .manual, transcription: .on(model: "whisper-1", language: nil, prompt: nil))))
            caller.send(.appendInputAudio(Sound.tone(500).withUnsafeBytes { Array($0) }))
            caller.send(.commitInputAudio)
            caller.send(.createResponse(ResponseRequest()))
            let events = await caller.untilResponseDone()
            let heard = events.compactMap { event -> String? in
                if case .inputTranscriptDone(_, let text) = event { text } else { nil }
            }
            #expect(heard == ["When will I marry?"])
            #expect(self.words(events) == "In spring.")
            #expect(model.asked.withLock { $0.first?.messages.last } == ChatMessage(.user, "When will I marry?"))
        }
    }
}
