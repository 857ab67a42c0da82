import ClientProtocol
import Personas
import RealtimeProtocol
import Testing

@testable import Sessions

@Suite struct PersonaChoiceTests {
    private let first = LineID(number: 1)
    private let second = LineID(number: 2)

    private func request(_ id: String, history: PersonaRequest.History? = nil) -> PersonaRequest {
        PersonaRequest(id: id, history: history)
    }

    @Test func `a chosen persona gets a line of its own`() {
        var machine = ConversationMachine()
        #expect(
            machine.choose(.tina, self.request("tina"), greets: true, now: 0)
                == [.connect(self.first), .start(.setUp(self.first), .seconds(5))])
    }

    @Test func `the line is configured once, before anything is asked of it`() {
        var machine = ConversationMachine()
        _ = machine.choose(.tina, self.request("tina"), greets: true, now: 0)
        let update = SessionUpdate(
            instructions: "You are tina.", voice: "coral", turnDetection: .manual,
            transcription: .on(model: "gpt-4o-mini-transcribe", language: "hi", prompt: nil))
        #expect(
            machine.model(.sessionCreated(SessionSummary(id: "s"))) == [.upstream(self.first, .sessionUpdate(update))])
        #expect(machine.model(.sessionCreated(SessionSummary(id: "s"))) == [])
        #expect(machine.textReceived("Hello?", now: 0) == [])
    }

    @Test func `the acknowledgement comes before the greeting`() throws {
        var machine = ConversationMachine()
        let actions = machine.makeReady(.tina, line: 1)
        #expect(
            actions.prefix(3) == [
                .stop(.setUp(self.first)), .downstream(.configAck(CompiledPersona.tina.card, switchID: nil)),
                .rememberGreeting(personaID: "tina"),
            ])
        guard case .upstream(self.first, .createResponse(let request)) = try #require(actions.dropFirst(3).first) else {
            Issue.record("no response is asked for")
            return
        }
        #expect(request.isolated)
        #expect(!request.allowsTools)
        #expect(request.instructions?.contains("\"नमस्ते\"") == true)
    }

    @Test func `a model that can speak word for word is told to`() {
        var machine = ConversationMachine()
        #expect(
            machine.makeReady(.mohit, line: 1, verbatim: true).suffix(2) == [
                .upstream(self.first, .createItem(.forceMessage(id: nil, "Hello."))), .start(.firstOutput, .seconds(8)),
            ])
    }

    @Test func `who was greeted a moment ago is not greeted again`() {
        var machine = ConversationMachine()
        _ = machine.choose(.tina, self.request("tina"), greets: false, now: 0)
        _ = machine.model(.sessionCreated(SessionSummary(id: "s")))
        #expect(
            machine.model(.sessionUpdated(SessionSummary(id: "s")))
                == [.stop(.setUp(self.first)), .downstream(.configAck(CompiledPersona.tina.card, switchID: nil))])
    }

    @Test func `the same persona again is acknowledged and goes on`() {
        var machine = ConversationMachine.ready(.tina)
        #expect(
            machine.choose(.tina, PersonaRequest(id: "tina", switchID: "x"), greets: true, now: 0)
                == [.downstream(.configAck(CompiledPersona.tina.card, switchID: "x"))])
    }

    @Test func `the same persona afresh begins anew`() {
        var machine = ConversationMachine.ready(.quiet)
        #expect(
            machine.choose(.quiet, self.request("quiet", history: .fresh), greets: true, now: 0)
                == [
                    .count(.personaSwitch), .downstream(.state(.switching)), .connect(self.second),
                    .start(.setUp(self.second), .seconds(5)),
                ])
    }

    @Test func `a switch in mid-response cancels, cuts at what was heard and clears, then dials`() {
        var machine = ConversationMachine.responding(sentMs: 1_000)
        #expect(
            machine.choose(.mohit, self.request("mohit"), greets: true, now: 340)
                == [
                    .stop(.firstOutput), .start(.cancellation, .seconds(3)),
                    .upstream(self.first, .cancelResponse(responseID: "resp_1")),
                    .upstream(self.first, .truncateItem(itemID: "item_resp_1", contentIndex: 0, audioEndMs: 340)),
                    .endReply(.interrupted), .clearAudio(generation: 1, heardMs: 340), .count(.bargeIn),
                    .count(.personaSwitch), .downstream(.state(.switching)), .connect(self.second),
                    .start(.setUp(self.second), .seconds(5)),
                ])
    }

    @Test func `the old line goes when the new one is ready, and not before`() {
        var machine = ConversationMachine.ready(.quiet)
        let actions = machine.makeReady(.mohit, line: 2)
        #expect(
            actions.prefix(3) == [
                .stop(.setUp(self.second)), .disconnect(self.first),
                .downstream(.configAck(CompiledPersona.mohit.card, switchID: nil)),
            ])
        #expect(machine.persona == .mohit)
    }

    @Test func `of many quick switches the last one wins and no line is left`() {
        var machine = ConversationMachine.ready(.quiet)
        _ = machine.choose(.tina, self.request("tina"), greets: true, now: 0)
        let actions = machine.choose(.mohit, self.request("mohit"), greets: true, now: 0)
        #expect(actions.contains(.disconnect(self.second)))
        #expect(actions.contains(.connect(LineID(number: 3))))
        #expect(machine.model(.sessionCreated(SessionSummary(id: "late")), line: 2) == [])
    }

    @Test func `a switch that fails keeps the old persona and says so`() {
        var machine = ConversationMachine.ready(.quiet)
        _ = machine.choose(.mohit, self.request("mohit"), greets: true, now: 0)
        #expect(
            machine.lineFailed(self.second, UpstreamFailure(.authentication, "no"), now: 0)
                == [.stop(.setUp(self.second))]
                + SessionAction.told(.switchFailed, "the new persona could not be reached, quiet stays")
                + [.downstream(.state(.idle))])
        #expect(machine.persona == .quiet)
    }

    @Test func `another persona is told what the caller said, if that is wished`() {
        var machine = ConversationMachine.asked(.quiet)
        _ = machine.model(.responseCreated(id: "r", metadata: [:]))
        _ = machine.model(.transcriptDone(.reply("r"), text: "Good day."))
        _ = machine.responseDone("r")
        _ = machine.choose(.mohit, self.request("mohit", history: .carry), greets: false, now: 0)
        _ = machine.model(.sessionCreated(SessionSummary(id: "s")), line: 2)
        let actions = machine.model(.sessionUpdated(SessionSummary(id: "s")), line: 2)
        let recap = "The caller has spoken with someone else before. What the caller said there:\nCaller: Hello?"
        #expect(actions.contains(.upstream(self.second, .createItem(.systemText(id: nil, recap)))))
    }

    @Test func `who speaks before choosing is told to choose`() {
        var machine = ConversationMachine()
        let told = SessionAction.told(.badMessage, "choose a persona first: send config")
        #expect(machine.textReceived("Hello?", now: 0) == told)
        #expect(machine.recordingReceived(TurnID(number: 1), now: 0) == [.discard(TurnID(number: 1))] + told)
    }
}
