import ClientProtocol
import RealtimeProtocol
import Testing

@testable import Sessions

@Suite struct IdleNudgeTests {
    private let line = ConversationMachine.firstLine

    /// A streaming machine that asks after 20 s, and whose persona has said a second that was heard.
    private func answered() -> ConversationMachine {
        var limits = ConversationMachine.Limits()
        limits.idleNudge = .seconds(20)
        var machine = ConversationMachine(limits: limits)
        machine.makeReady(.tina, line: 1)
        _ = machine.streamingBegan()
        machine.queue = []
        machine.reply = .none
        return machine
    }

    @Test func `the time of silence begins when the reply has been heard`() {
        var machine = self.answered()
        #expect(machine.replyPlays(for: 1_500) == [.start(.idle, .milliseconds(21_500))])
    }

    @Test func `a silent user is asked once, in the persona's language`() {
        var machine = self.answered()
        let request = ResponseRequest(
            instructions: ConversationMachine.nudgeInstructions("hi"), metadata: ["kind": "nudge"], eventID: "ask_2")
        #expect(
            machine.timerFired(.idle, now: 60_000).filter { if case .upstream = $0 { true } else { false } }
                == [.upstream(self.line, .createResponse(request))])
        #expect(machine.userState == .away)
        machine.reply = .none
        #expect(machine.timerFired(.idle, now: 120_000) == [])
        #expect(machine.awaitUser(remainingMs: 0) == [])
    }

    @Test func `whoever says something again is waited for again`() {
        var machine = self.answered()
        _ = machine.timerFired(.idle, now: 60_000)
        machine.reply = .none
        #expect(machine.textReceived("I am here", now: 70_000).first == .stop(.idle))
        #expect(machine.userState == .silent)
    }

    @Test func `nobody is asked in the middle of speech, of a reply, or with the microphone off`() {
        var speaking = self.answered()
        speaking.isUserSpeaking = true
        speaking.microphoneHeard(now: 59_000)
        var replying = self.answered()
        _ = replying.textReceived("Hello?", now: 0)
        var muted = self.answered()
        _ = muted.clientChanged(ClientState(isMuted: true))
        for var machine in [speaking, replying, muted] {
            #expect(machine.timerFired(.idle, now: 60_000) == [])
        }
    }

    @Test func `without the setting nobody is asked`() {
        var machine = ConversationMachine.ready()
        _ = machine.streamingBegan()
        #expect(machine.replyPlays(for: 100) == [])
    }
}

@Suite struct ClientStateTests {
    private let line = ConversationMachine.firstLine

    @Test func `a microphone that is off is closed, and opens again`() {
        var machine = ConversationMachine.ready()
        _ = machine.streamingBegan()
        #expect(machine.clientChanged(ClientState(isMuted: true)) == [.openMicrophone(false)])
        #expect(machine.silenceCause(.idle) == .muted)
        #expect(machine.clientChanged(ClientState(isMuted: true)) == [])
        #expect(machine.clientChanged(ClientState(isMuted: false)) == [.openMicrophone(true)])
    }

    @Test func `whoever turns the microphone off in mid-speech has ended the turn`() {
        var machine = ConversationMachine.ready()
        _ = machine.streamingBegan()
        machine.isUserSpeaking = true
        #expect(
            machine.clientChanged(ClientState(isMuted: true))
                == [.upstream(self.line, .commitInputAudio), .openMicrophone(false)])
    }

    @Test func `text alone is asked of the model where the client wants no audio`() {
        var machine = ConversationMachine.ready()
        _ = machine.clientChanged(ClientState(output: .text))
        let request = ResponseRequest(outputModalities: ["text"], eventID: "ask_1")
        #expect(machine.textReceived("Hello?", now: 0).contains(.upstream(self.line, .createResponse(request))))
        _ = machine.upstream(self.line, .responseCreated(id: "r", metadata: [:]), now: 0)
        let delta = Transcript(role: .assistant, itemID: "item_r", text: "Hi", isFinal: false)
        #expect(
            machine.upstream(self.line, .textDelta(.reply("r"), text: "Hi"), now: 0)
                == [.downstream(.transcript(delta))])
    }
}

@Suite struct SilenceCauseTests {
    private func cause(_ machine: ConversationMachine) -> SilenceCause? { machine.silenceCause(machine.agentState) }

    @Test func `each silence has its cause`() {
        #expect(self.cause(ConversationMachine()) == .noPersona)
        var connecting = ConversationMachine()
        _ = connecting.choose(.quiet, PersonaRequest(id: "quiet"), greets: false, now: 0)
        #expect(self.cause(connecting) == .connecting)
        #expect(self.cause(.ready()) == .waiting)
        #expect(self.cause(.asked()) == .model)
        var decoding = ConversationMachine.ready()
        _ = decoding.recordingReceived(TurnID(number: 1), now: 0)
        #expect(self.cause(decoding) == .decoding)
        var lost = ConversationMachine.ready()
        _ = lost.lineFailed(ConversationMachine.firstLine, UpstreamFailure(.transient, "reset"), now: 0)
        #expect(self.cause(lost) == .modelLost)
        var refused = ConversationMachine.ready()
        _ = refused.lineFailed(ConversationMachine.firstLine, UpstreamFailure(.authentication, "key"), now: 0)
        #expect(self.cause(refused) == .modelUnavailable)
    }

    @Test func `a persona that speaks is not silent`() {
        #expect(self.cause(.responding()) == nil)
    }
}

@Suite struct TurnTimingTests {
    @Test func `the parts of a turn's time add up`() {
        var timing = TurnTiming()
        timing.ended("mine", now: 1_000)
        timing.asked(now: 1_040)
        timing.answered(now: 1_300)
        let metrics = timing.sent(now: 1_302)
        #expect(metrics == TurnMetrics(turnID: "mine", endpointMs: 40, upstreamFirstMs: 260, gatewayMs: 2))
        #expect(metrics?.firstAudioMs == 302)
        #expect(timing.sent(now: 1_400) == nil)
    }

    @Test func `a greeting is no turn of the user's`() {
        var timing = TurnTiming()
        timing.asked(now: 10)
        timing.answered(now: 20)
        #expect(timing.sent(now: 30) == nil)
    }

    @Test func `turns without a name are numbered`() {
        var timing = TurnTiming()
        timing.ended(nil, now: 0)
        timing.ended(nil, now: 5)
        #expect(timing.turnID == "turn_2")
    }
}

@Suite struct StreamingNewsTests {
    private static func speaking(_ features: String) async -> Call {
        let call = Call()
        await call.says(#"{"type":"hello","v":"1.0","features":\#(features)}"#)
        await call.says(#"{"type":"config","persona_id":"quiet"}"#)
        await call.modelSays(.sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")))
        await call.says(#"{"type":"text","text":"Hello?"}"#)
        await call.advance(ms: 120)
        await call.modelSays(
            .responseCreated(id: "r", metadata: [:]),
            .audioDelta(.reply("r"), audio: [UInt8](repeating: 7, count: 4_800)),
            .responseDone(ResponseSummary(id: "r", status: .completed)))
        return call
    }

    @Test func `who asked for it is told where the time of an answer went`() async {
        let call = await Self.speaking(#"["metrics"]"#)
        let metrics = await call.downstream.first("metrics")
        #expect(metrics["turn_id"] == "turn_1")
        #expect(metrics["upstream_first_ms"] == 120)
        #expect(metrics["first_audio_ms"] == 120)
        #expect(await !Self.speaking("[]").downstream.types.contains("metrics"))
    }

    @Test func `a mark follows the audio, and its answer says that all of it was heard`() async {
        let call = await Self.speaking(#"["marks"]"#)
        let types = call.downstream.types
        #expect(types.firstIndex(of: "mark") == types.firstIndex(of: "audio_end").map { $0 + 1 })
        await call.says(#"{"type":"played","response_id":"r","ms":10}"#)
        await call.perform { #expect($0.machine.playback.isPlaying(now: $0.nowMs)) }
        await call.says(#"{"type":"mark_ack","name":"r","cleared":true}"#)
        await call.perform { #expect($0.machine.playback.isPlaying(now: $0.nowMs)) }
        await call.says(#"{"type":"mark_ack","name":"r"}"#)
        await call.perform { #expect(!$0.machine.playback.isPlaying(now: $0.nowMs)) }
    }

    @Test func `a state says who is silent and why`() async {
        let call = await Self.speaking("[]")
        let states = call.downstream.state.withLock { $0.messages.filter { $0["type"] == "state" } }
        #expect(states.last?["agent"] == "idle")
        #expect(states.last?["user"] == "silent")
        #expect(states.last?["cause"] == "waiting")
    }
}

@Suite struct DrainTests {
    @Test func `a drain waits for what is still to be heard, and for no more`() async {
        let call = Call()
        await call.says(#"{"type":"hello","v":"1.0"}"#)
        await call.says(#"{"type":"config","persona_id":"quiet"}"#)
        await call.modelSays(.sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")))
        await call.says(#"{"type":"text","text":"Hello?"}"#)
        await call.modelSays(
            .responseCreated(id: "r", metadata: [:]),
            .audioDelta(.reply("r"), audio: [UInt8](repeating: 7, count: 48_000)))
        await call.perform { $0.drain(byMs: 30_000) }
        await call.modelSays(.responseDone(ResponseSummary(id: "r", status: .completed)))
        await call.advance(ms: 500)
        #expect(call.downstream.closed == nil)
        await call.advance(ms: 500)
        #expect(call.downstream.types.contains("audio_end"))
        #expect(call.downstream.closed == .restart)
    }
}
