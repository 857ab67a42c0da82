import Audio
import ClientProtocol
import JSON
import Personas
import RealtimeProtocol
import Synchronization
import Testing

@testable import Sessions

/// A store that answers when a test says so.
private final class SlowStore: Sendable {
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])
    private let answer: Result<CompiledPersona, PersonaRefusal>

    init(_ answer: Result<CompiledPersona, PersonaRefusal>) {
        self.answer = answer
    }

    func find() async -> Result<CompiledPersona, PersonaRefusal> {
        await withCheckedContinuation { continuation in self.waiting.withLock { $0.append(continuation) } }
        return self.answer
    }

    func open() async {
        while self.waiting.withLock({ $0.isEmpty }) { await Task.yield() }
        for continuation in self.waiting.withLock({ waiting in
            defer { waiting = [] }
            return waiting
        }) { continuation.resume() }
    }
}

extension CompiledPersona {
    fileprivate static let stored: CompiledPersona = {
        var persona = CompiledPersona.quiet
        persona.name = "Stored"
        return persona
    }()

    fileprivate static let echo: CompiledPersona = {
        var persona = CompiledPersona.quiet
        persona.isEcho = true
        return persona
    }()
}

@Suite struct StoredPersonaTests {
    private func call(_ store: SlowStore) -> Call {
        Call(configure: { $0.storedPersonas = { _, _, _ in await store.find() } })
    }

    private static let choice = #"{"type":"config","scenario_id":"scn_1"}"#

    @Test func `what is said while a persona is fetched is heard after it, in order`() async {
        let store = SlowStore(.success(.stored))
        let call = self.call(store)
        await call.says(Self.choice)
        await call.says(#"{"type":"text","text":"Hello?"}"#)
        #expect(call.model.lines.isEmpty && call.downstream.isPaused)
        await store.open()
        while call.model.lines.isEmpty { await Task.yield() }
        await call.modelSays(.sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")))
        #expect(call.model.lines[0].sent.contains(.createItem(.userText(id: nil, "Hello?"))))
        #expect(call.downstream.types.first == "config_ack" && !call.downstream.isPaused)
    }

    @Test func `S0-8 a persona that is not ready is refused, and the session goes on`() async {
        let store = SlowStore(.failure(PersonaRefusal(.personaNotReady, "this persona is being made")))
        let call = self.call(store)
        await call.says(Self.choice)
        await store.open()
        #expect(await call.downstream.first("error")["code"] == "persona_not_ready")
        // Whoever is told so is told in the midst of a decision: it is over when the session can be asked again.
        await call.perform { _ in }
        #expect(call.downstream.closed == nil && call.model.lines.isEmpty && !call.downstream.isPaused)
    }

    @Test func `a persona at hand is not fetched`() async {
        let call = self.call(SlowStore(.success(.stored)))
        await call.says(#"{"type":"config","persona_id":"quiet"}"#)
        #expect(call.model.lines.count == 1)
    }

    @Test func `a user who leaves meanwhile is not connected to anybody`() async {
        let store = SlowStore(.success(.stored))
        let call = self.call(store)
        await call.says(Self.choice)
        await call.says(#"{"type":"bye"}"#)
        await store.open()
        for _ in 0..<100 { await Task.yield() }
        #expect(call.model.lines.isEmpty && call.downstream.closed == .done)
    }

    @Test func `who floods while a persona is fetched is cut off`() async {
        let call = self.call(SlowStore(.success(.stored)))
        await call.says(Self.choice)
        for _ in 0..<257 { await call.says(#"{"type":"text","text":"again"}"#) }
        #expect(call.downstream.closed == .flood)
    }
}

@Suite struct WordsTests {
    @Test func `X-22 what is typed and what is answered is told in final words, with the persona's id`() async {
        let told = Mutex<[String]>([])
        let call = Call(configure: {
            $0.storedPersonas = { _, _, _ in .success(.echo) }
            $0.onWords = { _, persona, words in
                told.withLock { $0.append("\(persona) \(words.role.rawValue) \(words.isFinal) \(words.text)") }
            }
        })
        await call.says(#"{"type":"text","text":"to nobody"}"#)
        await call.says(#"{"type":"config","scenario_id":"scn_1"}"#)
        _ = await call.downstream.first("config_ack")
        await call.says(#"{"type":"text","text":"Hello?"}"#)
        _ = await call.downstream.first("text_response")
        let id = CompiledPersona.echo.id.rawValue
        #expect(told.withLock { $0 } == ["\(id) user true Hello?", "\(id) assistant true Hello?"])
    }
}

@Suite struct EchoTests {
    @Test func `S0-21 a persona in echo mode says what it hears, and no model is asked`() async throws {
        let call = Call(configure: { $0.storedPersonas = { _, _, _ in .success(.echo) } })
        await call.says(#"{"type":"config","scenario_id":"scn_1"}"#)
        _ = await call.downstream.first("config_ack")
        let samples = (0..<24_000).map { Int16($0 % 48 < 24 ? 8_000 : -8_000) }
        let recording = String(decoding: Base64.encode(WAV.encode(samples)), as: UTF8.self)
        await call.says(#"{"type":"audio","format":"wav","audio":"\#(recording)"}"#)
        let answer = try #require(await call.downstream.first("audio_response")["audio"]?.string)
        let bytes = try #require(Base64.decode(answer))
        #expect(abs(bytes.count - 44 - 48_000) < 480 && call.model.lines.isEmpty)
        await call.says(#"{"type":"text","text":"Hello?"}"#)
        #expect(await call.downstream.first("text_response")["text"] == "Hello?")
    }
}

@Suite struct PersonaVisitsTests {
    @Test func `each persona has its own time and turns`() {
        var visits = PersonaVisits()
        visits.observe(nil, turns: 0, nowMs: 0)
        visits.observe("a", turns: 0, nowMs: 100)
        visits.observe("a", turns: 2, nowMs: 200)
        visits.observe("b", turns: 3, nowMs: 300)
        let all = visits.finish(turns: 4, nowMs: 1_000, isBroken: true)
        #expect(
            all == [
                PersonaVisit(persona: "a", beganMs: 100, endedMs: 300, turns: 3),
                PersonaVisit(persona: "b", beganMs: 300, endedMs: 1_000, turns: 1, isBroken: true),
            ])
        #expect(visits.finish(turns: 4, nowMs: 1_000, isBroken: false) == [])
    }

    @Test func `who talked with nobody has no visit, and switching for ever is bounded`() {
        var visits = PersonaVisits()
        #expect(visits.finish(turns: 0, nowMs: 5, isBroken: false) == [])
        for number in 0..<1_000 { visits.observe("\(number)", turns: 0, nowMs: number) }
        #expect(visits.finish(turns: 0, nowMs: 1_000, isBroken: false).count == 64)
    }

    @Test func `S0-64 a session tells at its end with whom it has talked`() async {
        let told = Mutex<[PersonaVisit]>([])
        let call = Call(configure: { $0.onVisits = { _, visits in told.withLock { $0 += visits } } })
        await call.says(#"{"type":"config","persona_id":"quiet"}"#)
        await call.modelSays(.sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")))
        await call.says(#"{"type":"text","text":"Hello?"}"#)
        await call.advance(ms: 2_000)
        await call.says(#"{"type":"bye"}"#)
        let visits = told.withLock { $0 }
        #expect(visits.map(\.persona) == ["quiet"] && visits.map(\.turns) == [1] && visits.map(\.isBroken) == [false])
    }
}
