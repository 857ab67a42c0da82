import ClientProtocol
import JSON
import RealtimeProtocol
import Testing

@testable import Sessions

/// A client that comes back, on the event loop of its first connection or on another one.
private struct Return {
    let call: Call
    let executor: QueueExecutor
    let downstream = RecordingDownstream()
    let session: VoiceSession

    init(to call: Call, user: String = "u", isElsewhere: Bool = false) {
        self.call = call
        self.executor = isElsewhere ? QueueExecutor() : call.executor
        self.session = VoiceSession(
            executor: self.executor, identity: SessionIdentity(id: "s2", user: user, style: .mobile),
            downstream: self.downstream, services: call.services)
    }

    /// Says something and waits until it has gone to the conversation's loop, and the answer from there to here.
    func says(_ text: String) async {
        let bytes = Array(text.utf8)
        await self.perform { session in bytes.withUnsafeBytes { session.received(text: $0) } }
    }

    func perform(_ work: @escaping @Sendable (isolated VoiceSession) -> Void) async {
        let session = self.session
        await self.executor.run { session.assumeIsolated(work) }
        await self.call.executor.run {}
        await self.executor.run {}
    }

    var messages: [JSONValue] { self.downstream.state.withLock { $0.messages } }

    /// The audio that came, whose bytes are what the first one of them counts from.
    var audio: [(offsetMs: Int, bytes: Int)] {
        self.messages.filter { $0["type"] == "audio_delta" }.map { message in
            (message["offset_ms"]?.integer ?? -1, (message["audio"]?.string?.utf8.count ?? 0) / 4 * 3)
        }
    }
}

@Suite struct ResumeTests {
    /// A streaming call whose persona has said one second, 400 ms of which were sent and 300 ms played.
    private static func speaking(features: String = "[]", desk: ResumeDesk = ResumeDesk()) async -> Call {
        let call = Call(desk: desk)
        await call.says(#"{"type":"hello","v":"1.0","features":\#(features)}"#)
        await call.says(#"{"type":"config","persona_id":"quiet"}"#)
        await call.modelSays(.sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")))
        await call.says(#"{"type":"text","text":"Hello?"}"#)
        await call.modelSays(
            .responseCreated(id: "r", metadata: [:]),
            .audioDelta(.reply("r"), audio: [UInt8](repeating: 7, count: 48_000)))
        await call.says(#"{"type":"played","response_id":"r","ms":0}"#)
        return call
    }

    private static func token(_ downstream: RecordingDownstream, _ type: String = "welcome") async -> String {
        await downstream.first(type)["resume_token"]?.string ?? ""
    }

    private static func hello(_ token: String, lastSeq: Int = 0, heardMs: Int? = nil, response: String = "r") -> String
    {
        let played = heardMs.map { #","played":{"response_id":"\#(response)","ms":\#($0)}"# } ?? ""
        return #"{"type":"hello","v":"1.0","resume":{"token":"\#(token)","last_seq":\#(lastSeq)\#(played)}}"#
    }

    @Test(arguments: [0, 5_000, 29_000, 59_999], [false, true])
    func `a client that comes back in time hears the rest of the reply`(awayMs: Int, isElsewhere: Bool) async {
        let call = await Self.speaking()
        // All is said, if not heard: a model that stopped here would be given up.
        await call.modelSays(.responseDone(ResponseSummary(id: "r", status: .completed)))
        await call.perform { $0.disconnected(code: 1_006) }
        await call.advance(ms: awayMs)
        let back = Return(to: call, isElsewhere: isElsewhere)
        await back.says(Self.hello(await Self.token(call.downstream), heardMs: 300))
        let welcome = await back.downstream.first("welcome")
        #expect(welcome["resumed"] == "resumed")
        #expect(welcome["session_id"] == "s")
        #expect(welcome["persona"]?["id"] == "quiet")
        #expect(await back.downstream.first("audio_start")["from_ms"] == 300)
        #expect(back.audio.first?.offsetMs == 300)
        #expect(back.audio.reduce(0) { $0 + $1.bytes } == 400 * 48)
        #expect(call.model.open.count == 1)
        // The conversation goes on here, and hears nothing of the old connection.
        await back.says(#"{"type":"text","text":"And now?"}"#)
        #expect(back.downstream.types.contains("clear"))
        #expect(!call.downstream.types.contains("clear"))
    }

    @Test func `a client that comes back too late begins anew`() async {
        let call = await Self.speaking()
        await call.perform { $0.disconnected(code: 1_006) }
        await call.advance(ms: 61_000)
        #expect(call.model.open.isEmpty)
        let back = Return(to: call)
        await back.says(Self.hello(await Self.token(call.downstream), heardMs: 300))
        #expect(await back.downstream.first("welcome")["resumed"] == "expired")
        #expect(await back.downstream.first("welcome")["session_id"] == "s2")
        await back.says(#"{"type":"config","persona_id":"quiet"}"#)
        #expect(call.model.open.count == 1)
    }

    @Test func `a token opens a session once, and for its user alone`() async {
        let call = await Self.speaking()
        let token = await Self.token(call.downstream)
        await call.perform { $0.disconnected(code: 1_006) }
        let thief = Return(to: call, user: "thief")
        await thief.says(Self.hello(token))
        #expect(await thief.downstream.first("welcome")["resumed"] == "expired")
        let back = Return(to: call)
        await back.says(Self.hello(token))
        #expect(await back.downstream.first("welcome")["resumed"] == "resumed")
        await back.perform { $0.disconnected(code: 1_006) }
        let again = Return(to: call)
        await again.says(Self.hello(token))
        #expect(await again.downstream.first("welcome")["resumed"] == "expired")
        let rotated = Return(to: call)
        await rotated.says(Self.hello(await Self.token(back.downstream)))
        #expect(await rotated.downstream.first("welcome")["resumed"] == "resumed")
    }

    @Test func `what was said meanwhile is told, and nothing of it twice`() async {
        let call = await Self.speaking()
        let last = call.downstream.state.withLock { $0.messages.last?["seq"]?.integer ?? 0 }
        await call.perform { $0.disconnected(code: 1_006) }
        await call.modelSays(
            .transcriptDelta(.reply("r"), text: "All "), .transcriptDone(.reply("r"), text: "All is well."),
            .responseDone(ResponseSummary(id: "r", status: .completed)))
        let back = Return(to: call)
        await back.says(Self.hello(await Self.token(call.downstream), lastSeq: last, heardMs: 1_000))
        #expect(
            back.downstream.types == ["welcome", "transcript", "text_response", "state", "audio_start", "audio_delta"])
        let sequences = back.messages.compactMap { $0["seq"]?.integer }
        #expect(sequences == (0..<6).map { (sequences.first ?? 0) + $0 })
        #expect((sequences.first ?? 0) > last)
        #expect(await back.downstream.first("transcript")["text"] == "All is well.")
    }

    @Test func `a client that heard everything hears nothing again`() async {
        let call = await Self.speaking()
        await call.says(#"{"type":"played","response_id":"r","ms":400}"#)
        await call.says(#"{"type":"played","response_id":"r","ms":800}"#)
        await call.modelSays(.responseDone(ResponseSummary(id: "r", status: .completed)))
        await call.says(#"{"type":"played","response_id":"r","ms":1000}"#)
        await call.perform { $0.disconnected(code: 1_006) }
        let back = Return(to: call)
        await back.says(Self.hello(await Self.token(call.downstream), lastSeq: 99, heardMs: 1_000))
        #expect(back.downstream.types == ["welcome", "state"])
    }

    @Test func `a client that says goodbye is not waited for`() async {
        for ending in [#"{"type":"bye"}"#, ""] {
            let call = await Self.speaking()
            if ending.isEmpty { await call.perform { $0.disconnected(code: 1_000) } } else { await call.says(ending) }
            #expect(call.model.open.isEmpty)
            let back = Return(to: call)
            await back.says(Self.hello(await Self.token(call.downstream)))
            #expect(await back.downstream.first("welcome")["resumed"] == "expired")
        }
    }

    @Test func `a client that does not stream is not waited for`() async {
        let call = Call(desk: ResumeDesk())
        await call.says(#"{"type":"config","persona_id":"quiet"}"#)
        await call.perform { $0.disconnected(code: 1_006) }
        #expect(call.model.open.isEmpty)
    }

    @Test func `a newer connection takes the conversation while the old one still seems alive`() async {
        let call = await Self.speaking()
        let back = Return(to: call)
        await back.says(Self.hello(await Self.token(call.downstream), heardMs: 0))
        #expect(call.downstream.closed == .superseded)
        #expect(await back.downstream.first("welcome")["resumed"] == "resumed")
        // The old connection closes at last, and has no say.
        await call.perform { $0.disconnected(code: 1_006) }
        await call.says(#"{"type":"cancel"}"#)
        #expect(!back.downstream.types.contains("clear"))
        #expect(call.model.open.count == 1)
    }

    @Test func `a superseded conversation is kept for a moment, for its user may be on the way`() async {
        let call = await Self.speaking()
        await call.perform { $0.close(.superseded, .superseded, "newer") }
        #expect(call.downstream.closed == .superseded)
        await call.advance(ms: 4_000)
        #expect(call.model.open.count == 1)
        await call.advance(ms: 1_000)
        #expect(call.model.open.isEmpty)
    }

    @Test func `nothing is sent to a connection that is lost`() async {
        let call = await Self.speaking(features: #"["binary"]"#)
        await call.perform { $0.disconnected(code: 1_006) }
        let before = call.downstream.state.withLock { $0.messages.count + $0.frames.count }
        await call.modelSays(.audioDelta(.reply("r"), audio: [UInt8](repeating: 7, count: 48_000)))
        await call.advance(ms: 20_000)
        #expect(call.downstream.state.withLock { $0.messages.count + $0.frames.count } == before)
    }

    @Test func `a phone that was asleep comes back after its queue was full`() async {
        let call = await Self.speaking()
        call.downstream.state.withLock { $0.outcome = .dropped }
        await call.says(#"{"type":"ping"}"#)
        #expect(call.downstream.closed == .idle)
        let back = Return(to: call)
        await back.says(Self.hello(await Self.token(call.downstream), heardMs: 100))
        #expect(await back.downstream.first("audio_start")["from_ms"] == 100)
    }

    @Test func `binary audio goes on at its sample, marked as replayed`() async {
        let call = await Self.speaking(features: #"["binary"]"#)
        await call.perform { $0.disconnected(code: 1_006) }
        let back = Return(to: call)
        let token = await Self.token(call.downstream)
        await back.says(
            #"{"type":"hello","v":"1.0","features":["binary"],"audio":{"out":[{"codec":"pcm16","rate":8000}]},"#
                + #""resume":{"token":"\#(token)","played":{"response_id":"r","ms":200}}}"#)
        let first = back.downstream.state.withLock { $0.frames.first }?.withUnsafeBytes {
            BinaryFrameHeader(decoding: $0)
        }
        #expect(first?.mediaTimestamp == 1_600)
        #expect(first?.flags == [.first, .discontinuity, .replayed])
    }

    @Test func `a gateway that stops waits for nobody`() async {
        let desk = ResumeDesk()
        let call = await Self.speaking(desk: desk)
        await call.perform { $0.disconnected(code: 1_006) }
        #expect(desk.waiting == 1)
        desk.close()
        await call.executor.run {}
        #expect(desk.waiting == 0)
        #expect(call.model.open.isEmpty)
    }

    @Test func `where nobody may wait any more, a lost connection is the end`() async {
        let call = await Self.speaking(desk: ResumeDesk(maxWaiting: 0))
        await call.perform { $0.disconnected(code: 1_006) }
        #expect(call.model.open.isEmpty)
    }

    @Test func `tokens change now and then, and the one before stays good`() async {
        let call = await Self.speaking()
        let first = await Self.token(call.downstream)
        for ms in [400, 800, 1_000] { await call.says(#"{"type":"played","response_id":"r","ms":\#(ms)}"#) }
        await call.advance(ms: 300_000)
        let news = await call.downstream.first("session")
        #expect(news["resume_token"]?.string != first)
        #expect(news["audio_out_s"]?.integer == 1)
        await call.perform { $0.disconnected(code: 1_006) }
        let back = Return(to: call)
        await back.says(Self.hello(first))
        #expect(await back.downstream.first("welcome")["resumed"] == "resumed")
    }

    @Test func `a conversation that was resumed ends as any other when the gateway stops`() async {
        let call = await Self.speaking()
        await call.perform { $0.disconnected(code: 1_006) }
        let back = Return(to: call, isElsewhere: true)
        await back.says(Self.hello(await Self.token(call.downstream), heardMs: 1_000))
        await call.modelSays(.responseDone(ResponseSummary(id: "r", status: .completed)))
        await back.says(#"{"type":"played","response_id":"r","ms":1000}"#)
        await back.perform { $0.drain(byMs: 1_000) }
        #expect(back.downstream.closed == .restart)
        #expect(call.model.open.isEmpty)
    }

    @Test func `an ended session leaves nothing behind`() async {
        let call = await Self.speaking()
        await call.perform { $0.disconnected(code: 1_006) }
        let back = Return(to: call)
        await back.says(Self.hello(await Self.token(call.downstream)))
        await back.says(#"{"type":"bye"}"#)
        #expect(back.downstream.closed == .done)
        #expect(call.model.open.isEmpty)
        #expect(call.clock.pending == 0)
    }

    @Test(arguments: [
        #"{"token":7}"#, #"{"token":""}"#, #"{}"#, #"{"token":"t","last_seq":-1}"#, #"{"token":"t","last_seq":"x"}"#,
        #"{"token":"t","played":{"ms":1e99}}"#, #"[]"#,
    ]) func `a resume that makes no sense is refused by name`(resume: String) async {
        let call = Call(desk: ResumeDesk())
        await call.says(#"{"type":"hello","v":"1.0","resume":\#(resume)}"#)
        #expect(await call.downstream.first("error")["code"] == "bad_message")
    }
}

@Suite struct SessionOutboxTests {
    @Test func `what came after a number is taken out in order, once`() {
        var outbox = SessionOutbox()
        outbox.record(1, .warning(code: "a", message: ""))
        outbox.record(2, .state(.idle))
        outbox.record(3, .warning(code: "b", message: ""))
        #expect(outbox.take(after: 1) == [.warning(code: "b", message: "")])
        #expect(outbox.take(after: 0) == [])
    }

    @Test func `what was forgotten for want of room is known to be lost`() {
        var outbox = SessionOutbox(capacity: 2)
        for number in 1...3 { outbox.record(number, .warning(code: "w", message: "\(number)")) }
        var copy = outbox
        #expect(outbox.take(after: 0) == nil)
        #expect(copy.take(after: 1)?.count == 2)
    }
}
