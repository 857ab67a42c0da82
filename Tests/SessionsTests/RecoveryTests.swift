import ClientProtocol
import JSON
import Personas
import RealtimeProtocol
import Testing

@testable import Sessions

/// A line is lost, and the conversation goes on.
@Suite struct RecoveryTests {
    private let first = LineID(number: 1)
    private let second = LineID(number: 2)
    private let lost = UpstreamFailure(.transient, "reset")

    /// What the next line is told, in order.
    private func takeOver(_ machine: inout ConversationMachine, line number: Int = 2) -> [SessionAction] {
        _ = machine.model(.sessionCreated(SessionSummary(id: "s")), line: number)
        return machine.model(.sessionUpdated(SessionSummary(id: "s")), line: number)
    }

    private func recap(in actions: [SessionAction]) -> [String] {
        for case .upstream(_, .createItem(.systemText(_, let text), _)) in actions {
            return text.split(separator: "\n").dropFirst().map(String.init)
        }
        return []
    }

    /// A streaming client whose live turn was committed and asked.
    private func askedAloud() -> ConversationMachine {
        var machine = ConversationMachine.ready()
        _ = machine.streamingBegan()
        _ = machine.model(.speechStarted(itemID: "u", audioStartMs: 0))
        _ = machine.model(.inputAudioCommitted(itemID: "u", previousItemID: nil))
        return machine
    }

    @Test func `a reply that was heard in part is told as far as it was heard, and its turn asked again`() {
        var machine = ConversationMachine.responding(sentMs: 2_000)
        _ = machine.model(.transcriptDelta(.reply("resp_1"), text: "One two three four five six seven eight"))
        let actions = machine.lineFailed(self.first, self.lost, now: 1_000)
        #expect(
            actions.prefix(4) == [
                .stop(.firstOutput), .endReply(.failed), .clearAudio(generation: 1, heardMs: 1_000), .count(.reconnect),
            ])
        let next = self.takeOver(&machine)
        #expect(self.recap(in: next) == ["You, cut off: One two three four …"])
        #expect(
            next.contains(.upstream(self.second, .createItem(.userText(id: nil, "Hello?"))))
                && next.contains(.upstream(self.second, .asks(2))))
        #expect(!actions.contains { if case .count(.error) = $0 { true } else { false } })
    }

    @Test func `a turn that was asked and not answered yet is asked again, and told once`() {
        var machine = ConversationMachine.asked()
        _ = machine.lineFailed(self.first, self.lost, now: 100)
        let next = self.takeOver(&machine)
        #expect(self.recap(in: next) == [])
        #expect(next.contains(.upstream(self.second, .createItem(.userText(id: nil, "Hello?")))))
    }

    @Test func `a recording that was committed is sent again`() {
        var machine = ConversationMachine.ready()
        let recording = TurnID(number: 1)
        _ = machine.recordingReceived(recording, now: 0)
        _ = machine.recordingDecoded(recording)
        _ = machine.recordingSent(recording)
        _ = machine.model(.inputAudioCommitted(itemID: "u", previousItemID: nil))
        _ = machine.model(.inputTranscriptDone(itemID: "u", text: "Will I travel?"))
        #expect(!machine.lineFailed(self.first, self.lost, now: 0).contains(.discard(recording)))
        let next = self.takeOver(&machine)
        #expect(self.recap(in: next) == [])
        #expect(next.contains(.sendRecording(self.second, recording)))
    }

    @Test func `live speech that was not answered is said again from memory`() {
        var machine = self.askedAloud()
        _ = machine.model(.inputTranscriptDone(itemID: "u", text: "Will I travel?"))
        let actions = machine.lineFailed(self.first, self.lost, now: 0)
        #expect(actions.contains(.recallSpeech(itemIDs: ["u"], as: TurnID(number: -1))))
        #expect(actions.last == .holdMicrophone)
        let next = self.takeOver(&machine)
        #expect(
            next.suffix(4) == [
                .upstream(self.second, .sessionUpdate(SessionUpdate(turnDetection: .manual))),
                .sendRecording(self.second, TurnID(number: -1)), .downstream(.state(.thinking)), .holdMicrophone,
            ])
        #expect(self.recap(in: next) == [])
        #expect(machine.recordingSent(TurnID(number: -1)).last == .openMicrophone(true))
    }

    @Test func `several live turns become one recording`() {
        var machine = self.askedAloud()
        _ = machine.model(.speechStarted(itemID: "v", audioStartMs: 0))
        _ = machine.model(.inputAudioCommitted(itemID: "v", previousItemID: nil))
        _ = machine.model(.inputAudioCommitted(itemID: "w", previousItemID: nil))
        #expect(
            machine.lineFailed(self.first, self.lost, now: 0).contains(
                .recallSpeech(itemIDs: ["v", "w"], as: TurnID(number: -1))))
        #expect(machine.queue.count == 1)
    }

    @Test func `an answered turn is not kept`() {
        var machine = self.askedAloud()
        _ = machine.model(.responseCreated(id: "r", metadata: [:]))
        #expect(machine.responseDone("r").contains(.forgetSpeech(itemID: "u")))
    }

    @Test func `attempts follow each other ever more slowly, and end`() {
        var machine = ConversationMachine.asked()
        _ = machine.lineFailed(self.first, self.lost, now: 0)
        var pauses: [Int] = []
        var now = 0
        for number in 2..<20 {
            let actions = machine.lineFailed(LineID(number: number), self.lost, now: now)
            guard case .start(.retry, let pause)? = actions.last else {
                #expect(
                    actions.filter { if case .count(.error(.upstreamUnavailable)) = $0 { true } else { false } }.count
                        == 1)
                break
            }
            pauses.append(Int(pause / .milliseconds(1)))
            now += pauses.last ?? 0
            _ = machine.timerFired(.retry, now: now)
        }
        #expect(pauses == [250, 500, 1_000, 2_000, 2_000, 2_000, 2_000])
    }

    @Test func `a model that asks for time gets it, within reason`() {
        var machine = ConversationMachine.asked()
        _ = machine.lineFailed(self.first, self.lost, now: 0)
        let busy = UpstreamFailure(.rateLimited, "busy", retryAfter: .seconds(3))
        #expect(machine.lineFailed(self.second, busy, now: 0).last == .start(.retry, .seconds(3)))
        _ = machine.timerFired(.retry, now: 3_000)
        let later = UpstreamFailure(.rateLimited, "busy", retryAfter: .seconds(60))
        #expect(machine.lineFailed(LineID(number: 3), later, now: 3_000).contains(.count(.error(.rateLimited))))
    }

    @Test(arguments: [
        (UpstreamFailure.Class.authentication, ErrorCode.upstreamAuth), (.quota, .upstreamQuota),
        (.rejected, .upstreamUnavailable),
    ]) func `what trying again does not mend is told once, clearly, and not tried`(
        failure: UpstreamFailure.Class, code: ErrorCode
    ) {
        for isAtOnce in [true, false] {
            var machine = ConversationMachine.asked()
            var actions = machine.lineFailed(
                self.first, isAtOnce ? UpstreamFailure(failure, "no") : self.lost, now: 0)
            if !isAtOnce { actions += machine.lineFailed(self.second, UpstreamFailure(failure, "no"), now: 100) }
            #expect(actions.filter { if case .count(.error) = $0 { true } else { false } } == [.count(.error(code))])
            #expect(!actions.contains { if case .start(.retry, _) = $0 { true } else { false } })
        }
    }

    @Test func `a session that expires in mid-reply is lost like any other, whatever event says so`() {
        let expired = RealtimeError(type: "invalid_request_error", code: "session_expired", message: "")
        for isEvent in [true, false] {
            var machine = ConversationMachine.responding()
            let actions =
                isEvent ? machine.model(.error(expired)) : machine.responseDone("resp_1", .failed, error: expired)
            #expect(actions.contains(.disconnect(self.first)))
            #expect(actions.contains(.connect(self.second)) && actions.contains(.count(.reconnect)))
            #expect(machine.queue.first?.turn == .typed("Hello?"))
        }
    }

    @Test func `a line that goes silent is replaced`() {
        var machine = ConversationMachine.asked()
        #expect(
            machine.lineFailed(self.first, UpstreamFailure(.timeout, "silent"), now: 0).contains(.connect(self.second)))
    }

    @Test func `a turn that is lost twice is told`() {
        var machine = ConversationMachine.asked()
        _ = machine.lineFailed(self.first, self.lost, now: 0)
        _ = self.takeOver(&machine)
        let actions = machine.lineFailed(self.second, self.lost, now: 100)
        #expect(actions.filter { $0 == .count(.error(.upstreamUnavailable)) }.count == 1)
        #expect(machine.queue.isEmpty)
    }

    @Test func `a client that waited in vain is told when all is well`() {
        var machine = ConversationMachine.ready()
        _ = machine.lineFailed(self.first, self.lost, now: 0)
        #expect(self.takeOver(&machine).last == .downstream(.state(.idle)))
    }

    @Test func `a client that held its breath when the line was lost plays again`() {
        var machine = ConversationMachine.ready()
        _ = machine.streamingBegan(canPause: true)
        _ = machine.textReceived("Hello?", now: 0)
        _ = machine.model(.responseCreated(id: "r", metadata: [:]))
        _ = machine.model(.audioDelta(.reply("r"), audio: [UInt8](repeating: 0, count: 96_000)))
        machine.audioSent(1_000, of: "item_r", now: 0)
        _ = machine.model(.speechStarted(itemID: "u", audioStartMs: 0), now: 300)
        let actions = machine.lineFailed(self.first, self.lost, now: 350)
        #expect(
            actions.prefix(5) == [
                .stop(.firstOutput), .stop(.bargeIn), .holdAudio(false), .endReply(.failed),
                .clearAudio(generation: 1, heardMs: 300),
            ])
        #expect(machine.bargeIn == nil)
    }

    @Test func `a voice brings back a persona that could not be reached, not at once and not for ever in vain`() {
        var machine = self.askedAloud()
        _ = machine.lineFailed(self.first, self.lost, now: 0)
        _ = machine.lineFailed(self.second, UpstreamFailure(.rateLimited, "", retryAfter: .seconds(60)), now: 0)
        #expect(machine.awaitsVoice)
        #expect(machine.voiceHeard(now: 1_000) == [])
        #expect(machine.voiceHeard(now: 2_000).contains(.connect(LineID(number: 3))))
        #expect(self.takeOver(&machine, line: 3).suffix(2) == [.openMicrophone(true), .downstream(.state(.idle))])
        _ = machine.lineFailed(LineID(number: 3), UpstreamFailure(.authentication, "no"), now: 3_000)
        #expect(!machine.awaitsVoice)
    }

    @Test func `an interruption is remembered as far as it was heard`() {
        var machine = ConversationMachine.responding(sentMs: 2_000)
        _ = machine.model(.transcriptDelta(.reply("resp_1"), text: "One two three four five six seven eight"))
        _ = machine.cancelReceived(now: 1_000)
        #expect(machine.recap.afterReconnect?.hasSuffix("Caller: Hello?\nYou, cut off: One two three four …") == true)
        var whole = ConversationMachine.responding(sentMs: 2_000)
        _ = whole.model(.transcriptDone(.reply("resp_1"), text: "One two three four five six seven eight"))
        _ = whole.responseDone("resp_1")
        _ = whole.cancelReceived(now: 1_000)
        #expect(whole.recap.afterReconnect == machine.recap.afterReconnect)
    }

    @Test func `a transcript that comes after the answer is told before it`() {
        var machine = self.askedAloud()
        _ = machine.model(.responseCreated(id: "r", metadata: [:]))
        _ = machine.model(.transcriptDone(.reply("r"), text: "You will."))
        _ = machine.responseDone("r")
        _ = machine.model(.inputTranscriptDone(itemID: "u", text: "Will I travel?"))
        #expect(machine.recap.afterReconnect?.hasSuffix("Caller: Will I travel?\nYou: You will.") == true)
    }
}

/// The same with a session around it.
@Suite struct RecoveryInSessionTests {
    private func streaming() async -> Call {
        let call = Call()
        await call.says(#"{"type":"hello","v":"1.0"}"#)
        await call.says(#"{"type":"config","persona_id":"quiet"}"#)
        await self.begin(call, line: 0)
        return call
    }

    private func begin(_ call: Call, line: Int) async {
        await call.modelSays(
            .sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")), line: line)
    }

    private func microphone(_ call: Call, _ byte: UInt8, ms: Int) async {
        for _ in 0..<ms / 20 {
            let audio = String(decoding: Base64.encode([UInt8](repeating: byte, count: 960)), as: UTF8.self)
            await call.says(#"{"type":"audio_chunk","audio":"\#(audio)"}"#)
        }
    }

    private func lose(_ call: Call, line: Int) async {
        let connection = call.model.lines[line]
        await call.executor.run { connection.tell(.closed(UpstreamFailure(.transient, "reset"))) }
    }

    @Test func `what was being said when the line broke is heard whole by the next one`() async {
        let call = await self.streaming()
        await self.microphone(call, 1, ms: 1_000)
        await call.modelSays(.speechStarted(itemID: "u", audioStartMs: 0))
        await self.microphone(call, 2, ms: 1_000)
        await self.lose(call, line: 0)
        await self.microphone(call, 3, ms: 1_000)
        await self.begin(call, line: 1)
        await self.microphone(call, 4, ms: 200)
        #expect(
            SpeechMemoryTests.runs(call.model.lines[1].audio).suffix(3)
                == ["2 for 1000 ms", "3 for 1000 ms", "4 for 200 ms"])
        #expect(!call.downstream.types.contains("error"))
    }

    @Test func `a turn that was committed and not answered is heard again, apart from what follows`() async {
        let call = await self.streaming()
        await call.modelSays(.speechStarted(itemID: "u", audioStartMs: 0))
        await self.microphone(call, 2, ms: 1_000)
        await call.modelSays(.inputAudioCommitted(itemID: "u", previousItemID: nil))
        await self.lose(call, line: 0)
        await self.microphone(call, 3, ms: 500)
        await self.begin(call, line: 1)
        let line = call.model.lines[1]
        #expect(SpeechMemoryTests.runs(line.audio) == ["2 for 1000 ms", "3 for 500 ms"])
        #expect(
            line.sent.suffix(4) == [
                .sessionUpdate(SessionUpdate(turnDetection: .manual)), .commitInputAudio,
                .sessionUpdate(SessionUpdate(turnDetection: .live)), .asks(2),
            ])
    }

    @Test func `nothing is kept of a session that is over, and no alarm is left`() async {
        let call = await self.streaming()
        await call.modelSays(.speechStarted(itemID: "u", audioStartMs: 0))
        await self.microphone(call, 2, ms: 1_000)
        await self.lose(call, line: 0)
        await call.perform { $0.disconnected(code: 1006) }
        #expect(call.model.open.allSatisfy { $0 === call.model.lines[0] })
        #expect(call.clock.pending == 0)
    }
}
