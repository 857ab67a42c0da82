import ClientProtocol
import Personas
import RealtimeProtocol
import Testing

@testable import Sessions

extension TurnDetectionSetting {
    /// The model says when a turn is over, and does nothing else about it.
    static let live = TurnDetectionSetting.serverVAD(createResponse: false, interruptResponse: false)
}

@Suite struct BargeInTests {
    private let line = ConversationMachine.firstLine
    private let onset = RealtimeServerEvent.speechStarted(itemID: "u", audioStartMs: 0)

    /// The persona is being heard by a streaming client: 1 s was sent at 0.
    private func talking(canPause: Bool = true, hasEchoCancellation: Bool = true) -> ConversationMachine {
        var machine = ConversationMachine.ready()
        _ = machine.streamingBegan(canPause: canPause, hasEchoCancellation: hasEchoCancellation)
        _ = machine.textReceived("Hello?", now: 0)
        _ = machine.model(.responseCreated(id: "r", metadata: [:]))
        _ = machine.model(.audioDelta(.reply("r"), audio: [UInt8](repeating: 0, count: 96_000)))
        machine.audioSent(1_000, of: "item_r", now: 0)
        return machine
    }

    private let interruption: [SessionAction] = [
        .stop(.firstOutput), .start(.cancellation, .seconds(3)),
        .upstream(ConversationMachine.firstLine, .cancelResponse(responseID: "r")),
        .upstream(
            ConversationMachine.firstLine, .truncateItem(itemID: "item_r", contentIndex: 0, audioEndMs: 300)),
        .endReply(.interrupted), .clearAudio(generation: 1, heardMs: 300), .count(.bargeIn),
        .downstream(.state(.listening)),
    ]

    @Test func `a client that cannot pause is cleared at the onset of speech`() {
        var machine = self.talking(canPause: false)
        #expect(machine.model(self.onset, now: 300) == self.interruption)
    }

    @Test func `a client that can pause holds the reply until it is known`() {
        var machine = self.talking()
        #expect(
            machine.model(self.onset, now: 300) == [
                .holdAudio(true), .downstream(.pause(generation: 0, responseID: "r", deadlineMs: 500)),
                .start(.bargeIn, .milliseconds(500)),
            ])
        #expect(machine.model(self.onset, now: 310) == [])
    }

    @Test func `speech that is meant cuts the reply where it was paused, not where the verdict came`() {
        var machine = self.talking()
        _ = machine.model(self.onset, now: 300)
        #expect(machine.bargeInConfirmed(now: 550) == [.stop(.bargeIn), .holdAudio(false)] + self.interruption)
        #expect(machine.bargeInConfirmed(now: 560) == [])
    }

    @Test func `a cough lets the reply go on at the same sample`() {
        var machine = self.talking()
        _ = machine.model(self.onset, now: 300)
        #expect(
            machine.timerFired(.bargeIn, now: 800) == [
                .stop(.bargeIn), .downstream(.resumeAudio(generation: 0, responseID: "r", fromMs: 300)),
                .holdAudio(false),
            ])
        #expect(machine.playback.heardMs(now: 900) == 400)
    }

    @Test func `the model forgets a cough`() {
        var machine = self.talking()
        _ = machine.model(self.onset, now: 300)
        _ = machine.bargeInRejected(now: 400)
        let committed = RealtimeServerEvent.inputAudioCommitted(itemID: "u", previousItemID: nil)
        #expect(machine.model(committed) == [.upstream(self.line, .deleteItem(itemID: "u"))])
    }

    @Test func `a live turn is answered when the model has it, by one response`() {
        var machine = ConversationMachine.ready()
        _ = machine.streamingBegan()
        #expect(machine.model(self.onset) == [.downstream(.state(.listening))])
        let committed = RealtimeServerEvent.inputAudioCommitted(itemID: "u", previousItemID: nil)
        #expect(
            machine.model(committed) == [
                .keepSpeech(itemID: "u"),
                .upstream(self.line, .asks()), .downstream(.state(.thinking)),
                .start(.firstOutput, .seconds(8)), .openMicrophone(true),
            ])
    }

    @Test func `speech while the model thinks takes the question back`() {
        var machine = ConversationMachine.ready()
        _ = machine.streamingBegan(canPause: true)
        _ = machine.model(.inputAudioCommitted(itemID: "u", previousItemID: nil))
        #expect(
            machine.model(.speechStarted(itemID: "v", audioStartMs: 0)) == [
                .stop(.firstOutput), .start(.cancellation, .seconds(3)), .clearAudio(generation: 1, heardMs: 0),
                .count(.bargeIn), .downstream(.state(.listening)),
            ])
    }

    @Test func `a recording in a streaming session is not taken for live speech, and is answered once`() {
        var machine = ConversationMachine.ready()
        _ = machine.streamingBegan()
        let recording = TurnID(number: 1)
        _ = machine.recordingReceived(recording, now: 0)
        #expect(
            machine.recordingDecoded(recording) == [
                .upstream(self.line, .sessionUpdate(SessionUpdate(turnDetection: .manual))),
                .sendRecording(self.line, recording), .downstream(.state(.thinking)), .openMicrophone(false),
            ])
        #expect(
            machine.recordingSent(recording).prefix(3) == [
                .upstream(self.line, .commitInputAudio),
                .upstream(self.line, .sessionUpdate(SessionUpdate(turnDetection: .live))),
                .upstream(self.line, .asks()),
            ])
        #expect(machine.model(.inputAudioCommitted(itemID: "u", previousItemID: nil)) == [])
    }

    @Test func `without echo cancellation the microphone is closed while the persona is heard`() {
        var machine = ConversationMachine.ready()
        _ = machine.streamingBegan(hasEchoCancellation: false)
        _ = machine.textReceived("Hello?", now: 0)
        _ = machine.model(.responseCreated(id: "r", metadata: [:]))
        let audio = [UInt8](repeating: 0, count: 96_000)
        #expect(machine.model(.audioDelta(.reply("r"), audio: audio)).contains(.openMicrophone(false)))
        machine.audioSent(400, of: "item_r", now: 0)
        let done = machine.model(.responseDone(ResponseSummary(id: "r", status: .completed)), now: 100)
        #expect(done.contains(.start(.replyHeard, .milliseconds(1_900))))
        #expect(done.last == .openMicrophone(false))
        #expect(machine.timerFired(.replyHeard, now: 2_000) == [.openMicrophone(true)])
    }

    @Test func `interrupting every 50 ms for 10 s leaves one response at most`() {
        var machine = self.talking(canPause: false)
        var active: Set<String> = ["r"]
        var asked = 0
        for step in 0..<200 {
            var actions = machine.model(.speechStarted(itemID: "u\(step)", audioStartMs: 0), now: step * 50)
            actions += machine.model(.inputAudioCommitted(itemID: "u\(step)", previousItemID: nil), now: step * 50)
            // A model that takes its time: it ends a cancelled response three steps later.
            if step % 3 == 2, let response = active.first {
                active.remove(response)
                actions += machine.responseDone(response, .cancelled)
            }
            for case .upstream(_, .createResponse) in actions {
                asked += 1
                active.insert("n\(asked)")
                #expect(active.count == 1)
                _ = machine.model(.responseCreated(id: "n\(asked)", metadata: [:]), now: step * 50)
            }
            #expect(machine.queue.count <= machine.limits.maxQueuedTurns)
        }
        #expect(asked > 20)
    }

    @Test func `paused, nothing is taken to be heard`() {
        var clock = PlaybackClock()
        clock.sent(1_000, of: "i", now: 0)
        clock.pause(now: 200)
        #expect(clock.heardMs(now: 700) == 200)
        clock.resume(now: 700)
        #expect(clock.heardMs(now: 800) == 300)
    }
}

@Suite struct TranscriptTests {
    @Test(
        arguments: [
            ("मेरी शादी कब होगी?", "hi", "hi", false), ("میری شادی کب ہوگی؟", "hi", "ur", true), ("When?", "en", "en", false),
            ("kab hogi", "hi", nil, false), ("123 …", "hi", nil, false), ("लग्न कधी?", "mr-IN", "mr", false),
        ] as [(String, String, String?, Bool)])
    func `a transcript's script tells its language`(text: String, persona: String, language: String?, mismatch: Bool) {
        let script = Script(of: text)
        #expect(script?.language(in: persona) == language)
        #expect((script?.isMismatch(in: persona) ?? false) == mismatch)
    }

    @Test func `a transcript that comes late says which item it follows`() {
        var machine = ConversationMachine.ready(.tina)
        _ = machine.streamingBegan()
        _ = machine.model(.inputAudioCommitted(itemID: "u", previousItemID: "a"))
        var transcript = Transcript(role: .user, itemID: "u", text: "नमस्ते", isFinal: true)
        transcript.previousItemID = "a"
        transcript.language = "hi"
        #expect(machine.model(.inputTranscriptDone(itemID: "u", text: "नमस्ते")) == [.downstream(.transcript(transcript))])
    }

    @Test func `Hindi that was written in Urdu's script is counted and not told on`() {
        var machine = ConversationMachine.ready(.tina)
        #expect(machine.model(.inputTranscriptDone(itemID: "u", text: "شادی")).first == .count(.scriptMismatch))
        #expect(machine.recap.afterReconnect == nil)
    }
}
