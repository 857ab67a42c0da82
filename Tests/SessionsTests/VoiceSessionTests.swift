import Audio
import ClientProtocol
import JSON
import Observability
import Personas
import RealtimeProtocol
import Testing

@testable import Sessions

@Suite struct VoiceSessionTests {
    private static let recording = Base64.encode(WAV.encode((0..<24_000).map { $0 % 48 < 24 ? 8_000 : -8_000 }))
    private static let audioMessage =
        #"{"type":"audio","format":"wav","client_turn_id":"t1","audio":""#
        + String(decoding: Self.recording, as: UTF8.self)
        + #""}"#

    @Test func `the greeting of the persona in the URL is spoken unasked`() async {
        let call = Call(persona: "tina")
        await call.perform { $0.opened() }
        await call.modelSays(
            .sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")),
            .responseCreated(id: "r", metadata: [:]),
            .audioDelta(.reply("r"), audio: [UInt8](repeating: 1, count: 4_800)),
            .transcriptDone(.reply("r"), text: "नमस्ते"), .responseDone(ResponseSummary(id: "r", status: .completed)))
        #expect(call.downstream.types == ["config_ack", "audio_response", "text_response"])
    }

    @Test func `a recording goes whole to the model, before it is asked`() async {
        let call = await Call.ready()
        await call.says(Self.audioMessage)
        let line = call.model.lines[0]
        while line.sent.last != .asks() { await Task.yield() }
        #expect(abs(line.audioBytes - 48_000) < 480)
        #expect(line.sent.suffix(2) == [.commitInputAudio, .asks()])
    }

    @Test func `the same turn sent twice is answered once`() async {
        let call = await Call.ready()
        await call.says(Self.audioMessage)
        await call.says(Self.audioMessage)
        #expect(await call.downstream.first("warning")["code"] == "duplicate_turn")
    }

    @Test func `a recording without speech is told and not sent`() async {
        let call = await Call.ready()
        let silence = String(decoding: Base64.encode(WAV.encode([Int16](repeating: 0, count: 24_000))), as: UTF8.self)
        await call.says(#"{"type":"audio","audio":"\#(silence)"}"#)
        #expect(await call.downstream.first("error")["code"] == "no_speech")
        #expect(call.model.lines[0].audioBytes == 0)
    }

    @Test func `a legacy client sees no message that it does not know`() async {
        let call = await Call.ready()
        await call.says(#"{"type":"text","text":"Hello?"}"#)
        await call.modelSays(
            .responseCreated(id: "r", metadata: [:]), .audioDelta(.reply("r"), audio: [1, 2]),
            .transcriptDelta(.reply("r"), text: "Good"))
        #expect(call.downstream.types == ["config_ack"])
    }

    @Test func `a streaming client gets audio in a window, numbered`() async {
        let call = Call()
        await call.says(#"{"type":"hello","v":"1.0"}"#)
        await call.says(#"{"type":"config","persona_id":"quiet"}"#)
        await call.modelSays(.sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")))
        await call.says(#"{"type":"text","text":"Hello?"}"#)
        await call.modelSays(
            .responseCreated(id: "r", metadata: [:]),
            .audioDelta(.reply("r"), audio: [UInt8](repeating: 1, count: 48_000)))
        #expect(call.downstream.types.filter { $0 == "audio_delta" }.count == 1)
        await call.advance(ms: 1_000)
        let messages = call.downstream.state.withLock { $0.messages }
        let audio = messages.filter { $0["type"] == "audio_delta" }
            .compactMap { $0["audio"]?.string.flatMap { Base64.decode($0) } }
        #expect(audio.first?.count == 400 * 48)
        #expect(audio.flatMap { $0 }.count == 48_000)
        #expect(messages.compactMap { $0["seq"]?.integer } == Array(1...messages.count))
    }

    @Test func `a model that takes too little stops the user's reading, and starts it again`() async {
        let call = Call()
        await call.says(#"{"type":"hello","v":"1.0"}"#)
        await call.says(#"{"type":"config","persona_id":"quiet"}"#)
        await call.modelSays(.sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")))
        let line = call.model.lines[0]
        line.state.withLock { $0.queuedBytes = 1 << 20 }
        await call.says(#"{"type":"audio_chunk","audio":"AAAA"}"#)
        #expect(call.downstream.isPaused)
        await call.executor.run { line.tell(.drained) }
        #expect(!call.downstream.isPaused)
    }

    @Test func `a user who reads nothing is closed with 4408`() async {
        let call = await Call.ready()
        call.downstream.state.withLock { $0.outcome = .dropped }
        await call.says(#"{"type":"ping"}"#)
        #expect(call.downstream.closed == .idle)
        #expect(call.model.open.isEmpty)
    }

    @Test func `when the user goes, everything that was opened is closed`() async {
        let call = await Call.ready()
        await call.says(#"{"type":"config","persona_id":"mohit"}"#)
        #expect(call.model.open.count == 2)
        await call.perform { $0.disconnected(code: 1006) }
        #expect(call.model.open.isEmpty)
        #expect(call.clock.pending == 0)
    }

    @Test func `an unknown persona is told, the present one stays`() async {
        let call = await Call.ready()
        await call.says(#"{"type":"config","persona_id":"nobody"}"#)
        #expect(await call.downstream.first("error")["code"] == "persona_not_found")
        #expect(call.model.open.count == 1)
    }

    @Test func `a web page that names nobody is answered by the default persona, without a greeting`() async {
        let call = Call(style: .web, defaultPersona: "tina")
        await call.perform { $0.opened() }
        #expect(call.model.lines.isEmpty)
        await call.says(#"{"type":"text","data":"Hello?"}"#)
        await call.modelSays(.sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")))
        #expect(
            call.model.lines[0].sent.dropFirst() == [
                .createItem(.userText(id: nil, "Hello?")), .asks(),
            ])
    }

    @Test func `who sends nonsense for ever is closed with 4400`() async {
        let call = await Call.ready()
        for _ in 0...100 { await call.says("nonsense") }
        #expect(call.downstream.closed == .badMessages)
    }

    @Test func `a drain waits for the reply that is being spoken`() async {
        let call = await Call.ready()
        await call.says(#"{"type":"text","text":"Hello?"}"#)
        await call.perform { $0.drain(byMs: 30_000) }
        #expect(call.downstream.types.last == "goaway")
        #expect(call.downstream.closed == nil)
        await call.modelSays(
            .responseCreated(id: "r", metadata: [:]),
            .audioDelta(.reply("r"), audio: [UInt8](repeating: 1, count: 480)),
            .responseDone(ResponseSummary(id: "r", status: .completed)))
        #expect(call.downstream.closed == .restart)
        #expect(call.downstream.types.contains("audio_response"))
    }
}
