import ClientProtocol
import Personas
import RealtimeProtocol
import Testing

@testable import Sessions

@Suite struct FailureTests {
    private let first = LineID(number: 1)
    private let second = LineID(number: 2)

    @Test func `a lost line is replaced, and answers what was cut off, once`() {
        var machine = ConversationMachine.responding()
        #expect(
            machine.lineFailed(self.first, UpstreamFailure(.transient, "reset"), now: 100) == [
                .stop(.firstOutput), .endReply(.failed), .clearAudio(generation: 1, heardMs: 100), .count(.reconnect),
                .downstream(.state(.reconnecting)), .connect(self.second), .start(.setUp(self.second), .seconds(5)),
            ])
        _ = machine.model(.sessionCreated(SessionSummary(id: "s")), line: 2)
        let actions = machine.model(.sessionUpdated(SessionSummary(id: "s")), line: 2)
        #expect(
            actions.prefix(3) == [
                .stop(.setUp(self.second)), .upstream(self.second, .createItem(.userText(id: nil, "Hello?"))),
                .upstream(self.second, .asks(2)),
            ])
        #expect(!actions.contains(.downstream(.configAck(CompiledPersona.quiet.card, switchID: nil))))
        // The second time it is not asked again.
        let again = machine.lineFailed(self.second, UpstreamFailure(.transient, "reset"), now: 200)
        #expect(again.contains(.connect(LineID(number: 3))))
        #expect(again.contains(.count(.error(.upstreamUnavailable))))
        _ = machine.model(.sessionCreated(SessionSummary(id: "s")), line: 3)
        let third = machine.model(.sessionUpdated(SessionSummary(id: "s")), line: 3)
        #expect(!third.contains(.upstream(LineID(number: 3), .asks(3))))
    }

    @Test(arguments: [
        (UpstreamFailure.Class.authentication, ErrorCode.upstreamAuth), (.quota, .upstreamQuota),
        (.timeout, .upstreamTimeout), (.rejected, .upstreamUnavailable), (.rateLimited, .rateLimited),
        (.sessionExpired, .sessionExpired),
    ]) func `what trying again does not mend is told by its class`(failure: UpstreamFailure.Class, code: ErrorCode) {
        var machine = ConversationMachine()
        _ = machine.choose(.tina, PersonaRequest(id: "tina"), greets: true, now: 0)
        let actions = machine.lineFailed(self.first, UpstreamFailure(failure, "no"), now: 0)
        #expect(actions.contains(.count(.error(code))))
        #expect(!actions.contains(.start(.retry, .milliseconds(300))))
    }

    @Test func `a line that could not be opened is tried once more`() {
        var machine = ConversationMachine()
        _ = machine.choose(.tina, PersonaRequest(id: "tina"), greets: true, now: 0)
        #expect(
            machine.lineFailed(self.first, UpstreamFailure(.transient, "reset"), now: 0)
                == [.stop(.setUp(self.first)), .start(.retry, .milliseconds(300))])
        #expect(
            machine.timerFired(.retry, now: 300) == [.connect(self.second), .start(.setUp(self.second), .seconds(5))])
        let actions = machine.lineFailed(self.second, UpstreamFailure(.transient, "reset"), now: 400)
        #expect(actions.contains(.count(.error(.upstreamUnavailable))))
    }

    @Test func `after a failure the user's next turn dials again`() {
        var machine = ConversationMachine()
        _ = machine.choose(.quiet, PersonaRequest(id: "quiet"), greets: true, now: 0)
        _ = machine.lineFailed(self.first, UpstreamFailure(.authentication, "no"), now: 0)
        #expect(machine.textReceived("Hello?", now: 0).first == .connect(self.second))
    }

    @Test func `a model that does not accept the session in time is given up`() {
        var machine = ConversationMachine()
        _ = machine.choose(.tina, PersonaRequest(id: "tina"), greets: true, now: 0)
        let actions = machine.timerFired(.setUp(self.first), now: 5_000)
        #expect(actions.first == .disconnect(self.first))
        #expect(actions.contains(.count(.error(.upstreamTimeout))))
    }

    @Test func `a model that says nothing is given up, and the user told`() {
        var machine = ConversationMachine.asked()
        let actions = machine.timerFired(.firstOutput, now: 8_000)
        #expect(actions.first == .disconnect(self.first))
        #expect(actions.contains(.count(.error(.upstreamTimeout))))
        #expect(machine.line == nil)
    }

    @Test func `a model that stops in the middle of an answer is given up, and one that goes on is not`() {
        var machine = ConversationMachine.responding()
        #expect(machine.timerFired(.firstOutput, now: 8_000).first == .disconnect(self.first))
        machine = .responding()
        _ = machine.model(.audioDelta(.reply("resp_1"), audio: [0, 0]), now: 5_000)
        #expect(machine.timerFired(.firstOutput, now: 8_000) == [.start(.firstOutput, .seconds(5))])
        _ = machine.model(.transcriptDelta(.reply("resp_1"), text: "and"), now: 12_000)
        #expect(machine.timerFired(.firstOutput, now: 13_000) == [.start(.firstOutput, .seconds(7))])
        let actions = machine.timerFired(.firstOutput, now: 20_000)
        #expect(actions.contains(.endReply(.failed)))
        #expect(actions.contains(.count(.error(.upstreamTimeout))))
    }

    @Test func `a failed response is told and the session goes on`() {
        var machine = ConversationMachine.asked()
        _ = machine.model(.responseCreated(id: "r", metadata: [:]))
        let error = RealtimeError(
            type: "server_error", code: "rate_limit_exceeded", message: "slow down, dear customer")
        #expect(
            machine.responseDone("r", .failed, error: error)
                == [.stop(.firstOutput), .endReply(.failed)]
                + SessionAction.told(.rateLimited, "the model is busy, try again in a moment")
                + [.downstream(.state(.idle))])
    }

    @Test func `an error that ends the session ends the line`() {
        var machine = ConversationMachine.asked()
        let error = RealtimeError(type: "invalid_request_error", code: "insufficient_quota", message: "")
        let actions = machine.model(.error(error))
        #expect(actions.first == .disconnect(self.first))
        #expect(actions.contains(.count(.error(.upstreamQuota))))
    }

    @Test func `an error of which nobody says what it is about refuses nothing`() {
        let nobodys = [
            RealtimeError(type: "server_error", message: "something broke"),
            RealtimeError(type: "invalid_request_error", code: "invalid_value", message: "", param: "item.content"),
            RealtimeError(type: "invalid_request_error", code: "unknown_parameter", message: "", param: "session.x"),
            RealtimeError(type: "invalid_request_error", code: "invalid_value", message: "no", eventID: "event_7"),
            RealtimeError(type: "invalid_request_error", code: "invalid_value", message: "no", eventID: "ask_0"),
        ]
        for error in nobodys {
            var machine = ConversationMachine.asked()
            #expect(machine.model(.error(error)) == [.count(.error(.upstreamUnavailable))])
            #expect(machine.model(.responseCreated(id: "r", metadata: [:])) == [])
            #expect(!machine.model(.audioDelta(.reply("r"), audio: [0, 0])).isEmpty, "\(error) silences the answer")
        }
    }

    @Test func `an error that says that it is about the request refuses it`() {
        let refusals = [
            RealtimeError(type: "invalid_request_error", code: "invalid_value", message: "", eventID: "ask_1"),
            RealtimeError(type: "invalid_request_error", message: "", eventID: "ask_1"),
            RealtimeError(
                type: "invalid_request_error", code: "invalid_value", message: "",
                param: "response.output_modalities"),
            RealtimeError(type: "server_error", code: "response_failed", message: ""),
            RealtimeError(type: "server_error", code: "rate_limit_exceeded", message: ""),
        ]
        for error in refusals {
            var machine = ConversationMachine.asked()
            #expect(
                machine.model(.error(error)) == [.stop(.firstOutput)]
                    + SessionAction.told(.upstreamUnavailable, "the model refused the request"), "\(error)")
        }
    }

    @Test func `a race that both sides may lose is nothing`() {
        var machine = ConversationMachine.responding()
        let error = RealtimeError(type: "invalid_request_error", code: "response_cancel_not_active", message: "")
        #expect(machine.model(.error(error)) == [])
    }
}
