import ClientProtocol
import Personas
import RealtimeProtocol
import Testing

@testable import Sessions

@Suite struct TurnTests {
    private let line = ConversationMachine.firstLine
    private let recording = TurnID(number: 1)
    private let audio = [UInt8](repeating: 1, count: 480)

    @Test func `a recording is decoded, given to the model, committed and answered, in this order`() {
        var machine = ConversationMachine.ready()
        #expect(machine.recordingReceived(self.recording, now: 0) == [.decode(self.recording)])
        #expect(
            machine.recordingDecoded(self.recording)
                == [.sendRecording(self.line, self.recording), .downstream(.state(.thinking))])
        #expect(
            machine.recordingSent(self.recording) == [
                .upstream(self.line, .commitInputAudio), .upstream(self.line, .asks()),
                .downstream(.state(.thinking)), .start(.firstOutput, .seconds(8)),
            ])
    }

    @Test func `what cannot be decoded never reaches the model`() {
        var machine = ConversationMachine.ready()
        _ = machine.recordingReceived(self.recording, now: 0)
        #expect(
            machine.recordingFailed(self.recording, .badAudio, "not audio")
                == [.discard(self.recording)] + SessionAction.told(.badAudio, "not audio"))
    }

    @Test func `recordings are answered in the order in which they came, not in which they were decoded`() {
        var machine = ConversationMachine.ready()
        let later = TurnID(number: 2)
        _ = machine.recordingReceived(self.recording, now: 0)
        _ = machine.recordingReceived(later, now: 0)
        #expect(machine.recordingDecoded(later) == [])
        #expect(machine.recordingDecoded(self.recording).first == .sendRecording(self.line, self.recording))
    }

    @Test func `a typed turn is an item and a response`() {
        var machine = ConversationMachine.ready()
        #expect(
            machine.textReceived("Hello?", now: 0) == [
                .upstream(self.line, .createItem(.userText(id: nil, "Hello?"))),
                .upstream(self.line, .asks()), .downstream(.state(.thinking)),
                .start(.firstOutput, .seconds(8)),
            ])
    }

    @Test func `the first audio begins the reply, the rest is played`() {
        var machine = ConversationMachine.asked()
        #expect(machine.model(.responseCreated(id: "r", metadata: [:])) == [])
        let header = ReplyHeader(responseID: "r", itemID: "item_r", generation: 0, kind: .answer)
        #expect(
            machine.model(.audioDelta(.reply("r"), audio: self.audio)) == [
                .beginReply(header, isTyped: true), .downstream(.state(.speaking)), .play(self.audio),
            ])
        #expect(machine.model(.audioDelta(.reply("r"), audio: self.audio)) == [.play(self.audio)])
    }

    @Test func `an answer of which nothing is heard or read is told, unless it calls a function`() {
        var machine = ConversationMachine.asked()
        _ = machine.model(.responseCreated(id: "r", metadata: [:]))
        let told = SessionAction.told(.upstreamUnavailable, "the model had no answer, try again")
        #expect(
            machine.responseDone("r") == [.stop(.firstOutput)] + told + [.endReply(.done), .downstream(.state(.idle))])
        var calling = ConversationMachine.asked()
        _ = calling.model(.responseCreated(id: "r", metadata: [:]))
        _ = calling.model(
            .outputItemAdded(responseID: "r", ItemSummary(id: "call", previousItemID: nil, type: "function_call")))
        #expect(calling.responseDone("r") == [.stop(.firstOutput), .endReply(.done), .downstream(.state(.idle))])
    }

    @Test func `the end of a reply tells its words`() {
        var machine = ConversationMachine.asked()
        _ = machine.model(.responseCreated(id: "r", metadata: [:]))
        _ = machine.model(.transcriptDone(.reply("r"), text: "Good day."))
        #expect(
            machine.responseDone("r") == [
                .stop(.firstOutput), .endReply(.done), .downstream(.textResponse("Good day.", responseID: "r")),
                .downstream(.state(.idle)),
            ])
    }

    @Test func `a new recording stops the reply, and the model forgets what was not heard`() {
        var machine = ConversationMachine.responding(sentMs: 1_000)
        #expect(
            machine.recordingReceived(self.recording, now: 340) == [
                .stop(.firstOutput), .start(.cancellation, .seconds(3)),
                .upstream(self.line, .cancelResponse(responseID: "resp_1")),
                .upstream(self.line, .truncateItem(itemID: "item_resp_1", contentIndex: 0, audioEndMs: 340)),
                .endReply(.interrupted), .clearAudio(generation: 1, heardMs: 340), .count(.bargeIn),
                .decode(self.recording),
            ])
    }

    @Test func `what nobody heard is deleted`() {
        var machine = ConversationMachine.responding(sentMs: 1_000)
        #expect(
            machine.textReceived("Wait", now: 0).contains(.upstream(self.line, .deleteItem(itemID: "item_resp_1"))))
    }

    @Test func `nothing stale follows an interruption`() {
        var machine = ConversationMachine.responding()
        _ = machine.cancelReceived(now: 100)
        #expect(machine.model(.audioDelta(.reply("resp_1"), audio: self.audio)) == [])
        #expect(machine.model(.transcriptDone(.reply("resp_1"), text: "stale")) == [])
    }

    @Test func `the next answer is asked for when the cancelled one has ended`() {
        var machine = ConversationMachine.responding()
        let actions = machine.textReceived("Wait", now: 100)
        #expect(!actions.contains(.upstream(self.line, .asks(2))))
        #expect(
            machine.responseDone("resp_1", .cancelled) == [
                .stop(.cancellation), .upstream(self.line, .createItem(.userText(id: nil, "Wait"))),
                .upstream(self.line, .asks(2)), .downstream(.state(.thinking)),
                .start(.firstOutput, .seconds(8)),
            ])
    }

    @Test func `a response that is cancelled before it has a name is cancelled when it gets one`() {
        var machine = ConversationMachine.asked()
        #expect(
            machine.cancelReceived(now: 0) == [
                .stop(.firstOutput), .start(.cancellation, .seconds(3)), .clearAudio(generation: 1, heardMs: 0),
                .count(.bargeIn),
            ])
        #expect(
            machine.model(.responseCreated(id: "r", metadata: [:]))
                == [.upstream(self.line, .cancelResponse(responseID: "r"))])
    }

    @Test func `a model that never ends a cancelled response does not hold up the next one`() {
        var machine = ConversationMachine.responding()
        _ = machine.textReceived("Wait", now: 100)
        #expect(
            machine.timerFired(.cancellation, now: 3_000).contains(
                .upstream(self.line, .asks(2))))
    }

    @Test func `playback that goes on after the model is done is interrupted as well`() {
        var machine = ConversationMachine.responding(sentMs: 5_000)
        _ = machine.responseDone("resp_1")
        #expect(
            machine.textReceived("Wait", now: 2_000).prefix(3) == [
                .upstream(self.line, .truncateItem(itemID: "item_resp_1", contentIndex: 0, audioEndMs: 2_000)),
                .clearAudio(generation: 1, heardMs: 2_000), .count(.bargeIn),
            ])
    }

    @Test func `only so many turns wait`() {
        var machine = ConversationMachine.ready()
        for number in 1...4 { _ = machine.recordingReceived(TurnID(number: number), now: 0) }
        #expect(
            machine.recordingReceived(TurnID(number: 5), now: 0)
                == [.discard(TurnID(number: 5))]
                + SessionAction.told(.rateLimited, "4 turns are waiting for their answers already"))
    }

    @Test func `a response that runs already is waited for, and the turn asked again`() {
        var machine = ConversationMachine.asked()
        let error = RealtimeError(
            type: "invalid_request_error", code: "conversation_already_has_active_response", message: "")
        #expect(machine.model(.error(error)) == [.stop(.firstOutput), .start(.cancellation, .seconds(3))])
        #expect(machine.responseDone("other").contains(.upstream(self.line, .asks(2))))
    }

    @Test func `a greeting in other words is counted`() {
        var machine = ConversationMachine()
        machine.makeReady(.mohit, line: 1)
        _ = machine.model(.responseCreated(id: "r", metadata: [:]))
        _ = machine.model(.transcriptDone(.reply("r"), text: "Hi there!"))
        #expect(machine.responseDone("r").contains(.count(.greetingDrift)))
    }

    @Test func `a live microphone is closed while the greeting is spoken, and until it has been heard`() {
        var machine = ConversationMachine.ready(.quiet)
        #expect(
            machine.streamingBegan() == [
                .upstream(self.line, .sessionUpdate(SessionUpdate(turnDetection: .live))),
                .openMicrophone(true),
            ])
        #expect(machine.makeReady(.mohit, line: 2).contains(.openMicrophone(false)))
        _ = machine.model(.responseCreated(id: "r", metadata: [:]), line: 2)
        _ = machine.model(.audioDelta(.reply("r"), audio: [UInt8](repeating: 0, count: 96_000)), line: 2)
        machine.audioSent(400, of: "item_r", now: 0)
        let done = RealtimeServerEvent.responseDone(ResponseSummary(id: "r", status: .completed))
        let actions = machine.model(done, line: 2, now: 300)
        #expect(actions.contains(.start(.replyHeard, .milliseconds(1_700))))
        #expect(actions.last == .openMicrophone(false))
        #expect(machine.timerFired(.replyHeard, now: 2_000) == [.openMicrophone(true)])
    }

    @Test func `speech into a live microphone interrupts`() {
        var machine = ConversationMachine.responding()
        let actions = machine.model(.speechStarted(itemID: "u", audioStartMs: 0), now: 500)
        #expect(actions.contains(.upstream(self.line, .cancelResponse(responseID: "resp_1"))))
        #expect(actions.last == .downstream(.state(.listening)))
    }
}
