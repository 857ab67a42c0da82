import ClientProtocol
import JSON
import Personas
import RealtimeProtocol
import Testing

@testable import Sessions

/// A line is replaced before its provider ends it, in a moment in which nobody says anything.
@Suite struct RotationTests {
    private let first = LineID(number: 1)
    private let second = LineID(number: 2)
    private let summary = SessionSummary(id: "s")

    /// A persona on a line that lives for a minute, after one answered question.
    private func talked(isStreaming: Bool = false) -> ConversationMachine {
        var machine = ConversationMachine()
        _ = machine.choose(.quiet, PersonaRequest(id: "quiet"), greets: true, now: 0)
        machine.connected(self.first, RealtimeCapabilities(), life: .seconds(60), jitter: 0)
        _ = machine.model(.sessionCreated(self.summary))
        _ = machine.model(.sessionUpdated(self.summary))
        if isStreaming { _ = machine.streamingBegan() }
        _ = machine.textReceived("Hello?", now: 0)
        _ = machine.model(.responseCreated(id: "r", metadata: [:]))
        _ = machine.model(.audioDelta(.reply("r"), audio: [UInt8](repeating: 0, count: 48_000)))
        machine.audioSent(1_000, of: "item_r", now: 0)
        _ = machine.model(.transcriptDone(.reply("r"), text: "Good day."))
        _ = machine.responseDone("r")
        return machine
    }

    private let recap = """
        The call continues after a short break in the line. Do not greet again. What was said so far:
        Caller: Hello?
        You: Good day.
        """

    @Test(arguments: [(0.0, 45_000), (0.5, 49_500), (1.0, 54_000)])
    func `a line is replaced at three to nine tenths of its life, by chance`(jitter: Double, ms: Int) {
        var machine = ConversationMachine()
        _ = machine.choose(.quiet, PersonaRequest(id: "quiet"), greets: true, now: 0)
        machine.connected(self.first, RealtimeCapabilities(), life: .seconds(60), jitter: jitter)
        _ = machine.model(.sessionCreated(self.summary))
        #expect(machine.model(.sessionUpdated(self.summary)).contains(.start(.rotation, .milliseconds(ms))))
    }

    @Test func `a line whose end nobody knows is not replaced`() {
        var machine = ConversationMachine()
        #expect(
            !machine.makeReady(.quiet, line: 1).contains { if case .start(.rotation, _) = $0 { true } else { false } })
    }

    @Test func `the next line knows what was said, greets nobody, and takes over before the old one goes`() {
        var machine = self.talked()
        #expect(
            machine.timerFired(.rotation, now: 2_000) == [
                .count(.rotation), .connect(self.second), .start(.setUp(self.second), .seconds(5)),
            ])
        machine.connected(self.second, RealtimeCapabilities(), life: .seconds(60), jitter: 1)
        _ = machine.model(.sessionCreated(self.summary), line: 2)
        #expect(
            machine.model(.sessionUpdated(self.summary), line: 2) == [
                .stop(.setUp(self.second)), .disconnect(self.first), .start(.rotation, .seconds(54)),
                .upstream(self.second, .createItem(.systemText(id: nil, self.recap))),
            ])
        #expect(machine.line?.id == self.second)
    }

    @Test func `a reply is spoken and heard to its end first`() {
        var machine = self.talked()
        #expect(machine.timerFired(.rotation, now: 900) == [.start(.rotation, .milliseconds(250))])
        _ = machine.textReceived("And?", now: 1_100)
        #expect(machine.timerFired(.rotation, now: 1_150) == [.start(.rotation, .milliseconds(250))])
        _ = machine.model(.responseCreated(id: "r2", metadata: [:]))
        #expect(machine.timerFired(.rotation, now: 1_400) == [.start(.rotation, .milliseconds(250))])
        _ = machine.responseDone("r2")
        #expect(machine.timerFired(.rotation, now: 1_650).first == .count(.rotation))
    }

    @Test func `nobody is interrupted in mid-sentence`() {
        var machine = self.talked(isStreaming: true)
        _ = machine.model(.speechStarted(itemID: "u", audioStartMs: 0), now: 2_000)
        #expect(machine.timerFired(.rotation, now: 2_100) == [.start(.rotation, .milliseconds(250))])
        _ = machine.model(.inputAudioCommitted(itemID: "u", previousItemID: nil), now: 3_000)
        _ = machine.model(.responseCreated(id: "r2", metadata: [:]), now: 3_000)
        _ = machine.responseDone("r2")
        #expect(machine.timerFired(.rotation, now: 3_200).first == .count(.rotation))
    }

    @Test func `meanwhile the microphone's audio is kept`() {
        var machine = self.talked(isStreaming: true)
        #expect(machine.timerFired(.rotation, now: 2_000).last == .holdMicrophone)
        _ = machine.model(.sessionCreated(self.summary), line: 2)
        #expect(machine.model(.sessionUpdated(self.summary), line: 2).last == .openMicrophone(true))
    }

    @Test func `who begins to speak at that moment is heard by the old line`() {
        var machine = self.talked(isStreaming: true)
        _ = machine.timerFired(.rotation, now: 2_000)
        let actions = machine.model(.speechStarted(itemID: "u", audioStartMs: 0), now: 2_050)
        #expect(
            actions == [
                .stop(.setUp(self.second)), .stop(.retry), .disconnect(self.second),
                .start(.rotation, .milliseconds(250)), .openMicrophone(true), .downstream(.state(.listening)),
            ])
        #expect(machine.line?.id == self.first)
    }

    @Test func `a turn that comes meanwhile is asked on the next line`() {
        var machine = self.talked()
        _ = machine.timerFired(.rotation, now: 2_000)
        #expect(machine.textReceived("And?", now: 2_010) == [])
        _ = machine.model(.sessionCreated(self.summary), line: 2)
        let actions = machine.model(.sessionUpdated(self.summary), line: 2)
        #expect(actions.contains(.upstream(self.second, .createItem(.userText(id: nil, "And?")))))
    }

    @Test func `a client that ends its turn meanwhile has it ended on the line that hears it`() {
        var machine = self.talked(isStreaming: true)
        _ = machine.timerFired(.rotation, now: 2_000)
        #expect(machine.commitReceived() == [])
        _ = machine.model(.sessionCreated(self.summary), line: 2)
        #expect(
            machine.model(.sessionUpdated(self.summary), line: 2).suffix(2) == [.openMicrophone(true), .commitKept])
    }

    @Test func `where no other line can be had the old one stays, nobody is told, and it is tried again`() {
        var machine = self.talked(isStreaming: true)
        _ = machine.timerFired(.rotation, now: 2_000)
        #expect(
            machine.lineFailed(self.second, UpstreamFailure(.authentication, "no"), now: 2_100) == [
                .stop(.setUp(self.second)), .start(.rotation, .seconds(5)), .openMicrophone(true),
            ])
        #expect(
            machine.textReceived("And?", now: 3_000).contains(.upstream(self.first, .asks(2)))
        )
    }

    @Test func `a line that ends while it is replaced is not dialled for twice`() {
        var machine = self.talked(isStreaming: true)
        _ = machine.timerFired(.rotation, now: 2_000)
        #expect(
            machine.lineFailed(self.first, UpstreamFailure(.sessionExpired, "over"), now: 2_100)
                == [.stop(.firstOutput), .holdMicrophone])
        _ = machine.model(.sessionCreated(self.summary), line: 2)
        #expect(
            machine.model(.sessionUpdated(self.summary), line: 2).suffix(2)
                == [.openMicrophone(true), .downstream(.state(.idle))])
    }

    @Test func `another persona ends the plan for the old one`() {
        var machine = self.talked(isStreaming: true)
        _ = machine.timerFired(.rotation, now: 2_000)
        let actions = machine.choose(.mohit, PersonaRequest(id: "mohit"), greets: false, now: 2_050)
        #expect(actions.contains(.disconnect(self.second)) && actions.last == .openMicrophone(false))
        _ = machine.model(.sessionCreated(self.summary), line: 3)
        #expect(machine.model(.sessionUpdated(self.summary), line: 3).contains(.stop(.rotation)))
    }

    @Test func `who names the persona again meanwhile goes on with it`() {
        var machine = self.talked()
        _ = machine.timerFired(.rotation, now: 2_000)
        #expect(
            machine.choose(.quiet, PersonaRequest(id: "quiet"), greets: true, now: 2_050)
                == [.downstream(.configAck(CompiledPersona.quiet.card, switchID: nil))])
    }
}

@Suite struct SpeechMemoryTests {
    private func pcm(_ value: UInt8, ms: Int) -> [UInt8] { [UInt8](repeating: value, count: ms * 48) }

    @discardableResult
    private func hear(_ memory: inout SpeechMemory, _ pcm: [UInt8], isSent: Bool, keepsAll: Bool = false) -> Int {
        pcm.withUnsafeBytes { memory.hear($0, isSent: isSent, keepsAll: keepsAll) }
    }

    /// What a line heard, told shortly.
    static func runs(_ audio: [UInt8]) -> [String] {
        var runs: [(value: UInt8, count: Int)] = []
        for byte in audio {
            if runs.last?.value == byte { runs[runs.count - 1].count += 1 } else { runs.append((byte, 1)) }
        }
        return runs.map { "\($0.value) for \($0.count / 48) ms" }
    }

    private func rest(_ memory: inout SpeechMemory) -> [UInt8] {
        var all: [UInt8] = []
        while !memory.isSent {
            _ = memory.next {
                all.append(contentsOf: $0)
                return true
            }
        }
        return all
    }

    @Test func `while a line listens no more than a pre-roll is kept`() {
        var memory = SpeechMemory(preRollMs: 300, limitMs: 2_000)
        for _ in 0..<500 {
            self.hear(&memory, self.pcm(1, ms: 20), isSent: true)
            #expect(memory.isSent && memory.keptMs <= 600)
        }
        #expect(memory.keptMs >= 300)
    }

    @Test func `long speech leaves no room behind when it is answered`() {
        var memory = SpeechMemory()
        for number in 0..<3 {
            for _ in 0..<400 { self.hear(&memory, self.pcm(1, ms: 20), isSent: true, keepsAll: true) }
            memory.keep(as: "item_\(number)")
            #expect(memory.footprint > 8_000 * 48)
            for _ in 0..<30 { self.hear(&memory, self.pcm(0, ms: 20), isSent: true) }
            memory.forget("item_\(number)")
            #expect(memory.footprint < 40_000)
        }
    }

    @Test func `another line gets what was kept, from the onset on and in order`() {
        var memory = SpeechMemory(preRollMs: 300, limitMs: 2_000)
        self.hear(&memory, self.pcm(1, ms: 300), isSent: true)
        self.hear(&memory, self.pcm(2, ms: 1_000), isSent: true, keepsAll: true)
        self.hear(&memory, self.pcm(3, ms: 500), isSent: false)
        memory.startOver()
        #expect(Self.runs(self.rest(&memory)) == ["1 for 300 ms", "2 for 1000 ms", "3 for 500 ms"])
    }

    @Test func `the same line gets only what it does not have`() {
        var memory = SpeechMemory()
        self.hear(&memory, self.pcm(1, ms: 100), isSent: true)
        self.hear(&memory, self.pcm(2, ms: 100), isSent: false)
        #expect(Self.runs(self.rest(&memory)) == ["2 for 100 ms"])
    }

    @Test func `beyond its limit the oldest goes, and what nobody heard is counted`() {
        var memory = SpeechMemory(preRollMs: 300, limitMs: 2_000)
        self.hear(&memory, self.pcm(1, ms: 500), isSent: true, keepsAll: true)
        var lost = 0
        for _ in 0..<100 { lost += self.hear(&memory, self.pcm(2, ms: 40), isSent: false) }
        #expect(memory.keptMs <= 2_200 && lost > 0)
        #expect(lost + memory.keptMs == 4_000)
    }

    @Test func `a piece that is refused is offered again`() {
        var memory = SpeechMemory()
        self.hear(&memory, self.pcm(1, ms: 100), isSent: false)
        #expect(!memory.next { _ in false })
        #expect(Self.runs(self.rest(&memory)) == ["1 for 100 ms"])
    }
}

/// The same with a session around it.
@Suite struct RotationInSessionTests {
    private func call() async -> Call {
        let call = Call()
        call.model.state.withLock { $0.life = .seconds(60) }
        await call.says(#"{"type":"hello","v":"1.0"}"#)
        await call.says(#"{"type":"config","persona_id":"quiet"}"#)
        await call.modelSays(.sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")))
        return call
    }

    /// By chance at any moment from 45 s to 54 s.
    private func rotationBegins(_ call: Call) async {
        while call.model.open.count < 2, call.clock.nowMs < 60_000 { await call.advance(ms: 250) }
    }

    private func microphone(_ call: Call, _ byte: UInt8, ms: Int) async {
        let audio = String(decoding: Base64.encode([UInt8](repeating: byte, count: ms * 48)), as: UTF8.self)
        await call.says(#"{"type":"audio_chunk","audio":"\#(audio)"}"#)
    }

    @Test func `no sample of the microphone is lost, and one line is left`() async {
        let call = await self.call()
        for _ in 0..<50 { await self.microphone(call, 1, ms: 20) }
        await self.rotationBegins(call)
        for _ in 0..<8 { await self.microphone(call, 2, ms: 500) }
        #expect(SpeechMemoryTests.runs(call.model.lines[0].audio) == ["1 for 1000 ms"])
        await call.modelSays(
            .sessionCreated(SessionSummary(id: "n")), .sessionUpdated(SessionSummary(id: "n")), line: 1)
        await self.microphone(call, 3, ms: 500)
        #expect(call.model.open.count == 1)
        #expect(
            SpeechMemoryTests.runs(call.model.lines[1].audio)
                == ["1 for 300 ms", "2 for 4000 ms", "3 for 500 ms"])
        #expect(call.downstream.types.filter { $0 == "error" || $0 == "config_ack" } == ["config_ack"])
    }

    /// The model goes on to wait for the end of the sentence.
    @Test func `who stops sending in the middle of a sentence does not keep the line for ever`() async {
        let call = await self.call()
        await self.microphone(call, 1, ms: 400)
        await call.modelSays(.speechStarted(itemID: "u", audioStartMs: 100))
        await self.microphone(call, 2, ms: 600)
        await self.rotationBegins(call)
        #expect(call.clock.nowMs < 55_000)
        guard call.model.lines.count == 2 else { return }
        await call.modelSays(
            .sessionCreated(SessionSummary(id: "n")), .sessionUpdated(SessionSummary(id: "n")), line: 1)
        #expect(call.model.open.count == 1 && !call.downstream.types.contains("error"))
        // Who comes back goes on where the sentence was.
        await self.microphone(call, 3, ms: 200)
        #expect(SpeechMemoryTests.runs(call.model.lines[1].audio).suffix(2) == ["2 for 600 ms", "3 for 200 ms"])
    }

    @Test func `who goes on speaking is not cut off`() async {
        let call = await self.call()
        await self.microphone(call, 1, ms: 400)
        await call.modelSays(.speechStarted(itemID: "u", audioStartMs: 100))
        while call.clock.nowMs < 58_000 {
            await self.microphone(call, 2, ms: 200)
            await call.advance(ms: 200)
        }
        #expect(call.model.open.count == 1)
        await call.modelSays(.inputAudioCommitted(itemID: "u", previousItemID: nil))
        await call.modelSays(.responseCreated(id: "r", metadata: [:]))
        await call.modelSays(.responseDone(ResponseSummary(id: "r", status: .completed)))
        await call.advance(ms: 250)
        #expect(call.model.open.count == 2)
    }

    @Test func `a model that takes it slowly gets it as it drains`() async {
        let call = await self.call()
        await self.rotationBegins(call)
        for _ in 0..<4 { await self.microphone(call, 2, ms: 500) }
        let line = call.model.lines[1]
        line.state.withLock { $0.queuedBytes = 1 << 20 }
        await call.modelSays(
            .sessionCreated(SessionSummary(id: "n")), .sessionUpdated(SessionSummary(id: "n")), line: 1)
        await call.says(#"{"type":"commit"}"#)
        #expect(line.audioBytes == 0)
        line.state.withLock { $0.queuedBytes = 0 }
        await call.executor.run { line.tell(.drained) }
        #expect(line.audioBytes == 96_000)
    }
}
