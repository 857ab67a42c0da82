import ClientProtocol
import Personas
import RealtimeProtocol
import Testing

@testable import Sessions

/// Random conversations: whatever users, models and timers do, some things stay true.
@Suite struct MachineInvariantTests {
    @Test(arguments: 0..<200) func `lines, responses and turns are never lost, doubled or left behind`(seed: Int) {
        #expect(self.play(seed).fault == nil)
    }

    @Test func `these conversations have everything in them that can happen`() {
        let happened = (0..<600).reduce(into: Set<String>()) { $0.formUnion(self.play($1).happened) }
        #expect(
            happened.isSuperset(of: [
                "rotation", "reconnect", "recall", "recording", "recording asked", "live asked", "recording cancelled",
                "collision when cancelled", "barge-in", "voice",
            ]), "\(happened)")
    }

    private func play(_ seed: Int) -> World {
        var dice = Dice(seed: UInt64(seed) &+ 1)
        var machine = ConversationMachine()
        var world = World()
        var now = 0
        for _ in 0..<600 {
            now += dice.below(400)
            let before = machine.reply
            world.take(self.step(&machine, &world, &dice, now: now))
            world.note(before, machine)
            world.check(machine)
            guard world.fault == nil else { break }
        }
        return world
    }

    private func step(
        _ machine: inout ConversationMachine, _ world: inout World, _ dice: inout Dice, now: Int
    ) -> [SessionAction] {
        let personas = [CompiledPersona.tina, .mohit, .quiet]
        switch dice.below(26) {
        case 0:
            return machine.choose(
                personas[dice.below(3)], PersonaRequest(id: "p"), greets: dice.below(2) == 0, now: now)
        case 1: return machine.textReceived("text", now: now)
        case 2:
            world.turns += 1
            world.happened.insert("recording")
            world.recordings.insert(TurnID(number: world.turns))
            return machine.recordingReceived(TurnID(number: world.turns), now: now)
        case 3: return world.decoding.isEmpty ? [] : machine.recordingDecoded(world.decoding.removeFirst())
        case 4: return machine.sending.map { machine.recordingSent($0) } ?? []
        case 5: return machine.cancelReceived(now: now)
        case 6: return machine.streamingBegan(canPause: dice.below(2) == 0)
        case 7: return self.fail(&machine, &world, &dice, now: now)
        case 8, 9: return world.firedTimer(&dice).map { machine.timerFired($0, now: now) } ?? []
        case 10:
            guard dice.below(2) == 0 else { return machine.commitReceived() }
            let actions = machine.voiceHeard(now: now)
            if !actions.isEmpty { world.happened.insert("voice") }
            return actions
        case 11: return dice.below(2) == 0 ? machine.bargeInConfirmed(now: now) : machine.bargeInRejected(now: now)
        default:
            guard let line = world.anyOpen(&dice) else { return [] }
            let event = world.event(&dice)
            if case .sessionCreated = event {
                machine.connected(line, RealtimeCapabilities(), life: .seconds(10), jitter: 0.5)
            }
            return machine.upstream(line, event, now: now)
        }
    }

    /// A connection ends by itself: the session knows before the machine does.
    private func fail(
        _ machine: inout ConversationMachine, _ world: inout World, _ dice: inout Dice, now: Int
    ) -> [SessionAction] {
        guard let line = world.anyOpen(&dice) else { return [] }
        world.open.remove(line)
        let classes: [UpstreamFailure.Class] = [.transient, .timeout, .quota, .sessionExpired]
        return machine.lineFailed(line, UpstreamFailure(classes[dice.below(4)], "failed"), now: now)
    }
}

/// What a session would have opened and asked.
private struct World {
    enum Microphone { case open, held, closed }

    var open: Set<LineID> = []
    var turns = 0
    /// What the session keeps for turns that wait for their answer.
    var recordings: Set<TurnID> = []
    var decoding: [TurnID] = []
    private var speech: Set<String> = []
    private var items = 0
    private var isAudioHeld = false
    private var microphone = Microphone.closed
    var happened: Set<String> = []
    private var timers: [SessionTimer] = []
    private var responses = 0
    private(set) var fault: String?

    mutating func take(_ actions: [SessionAction]) {
        for action in actions {
            switch action {
            case .connect(let line):
                self.expect(self.open.insert(line).inserted, "line \(line.number) is opened twice")
            case .disconnect(let line): self.open.remove(line)
            case .start(let timer, _): self.timers = self.timers.filter { $0 != timer } + [timer]
            case .stop(let timer): self.timers.removeAll { $0 == timer }
            case .upstream(let line, _), .sendRecording(let line, _):
                self.expect(self.open.contains(line), "line \(line.number) is used after its end")
            case .holdAudio(let isHeld): self.isAudioHeld = isHeld
            case .openMicrophone(let isOpen): self.microphone = isOpen ? .open : .closed
            case .holdMicrophone: self.microphone = .held
            case .count(.rotation): self.happened.insert("rotation")
            case .count(.reconnect): self.happened.insert("reconnect")
            case .discard(let turn): self.recordings.remove(turn)
            case .decode(let turn): self.decoding.append(turn)
            case .keepSpeech(let item): self.speech.insert(item)
            case .forgetSpeech(let item): self.speech.remove(item)
            case .recallSpeech(let items, let turn):
                self.happened.insert("recall")
                self.speech.subtract(items)
                self.recordings.insert(turn)
            default: break
            }
        }
    }

    /// What has been seen of the ways that a conversation may go.
    mutating func note(_ before: ReplyState, _ machine: ConversationMachine) {
        if machine.bargeIn != nil { self.happened.insert("barge-in") }
        guard before != machine.reply else { return }
        switch (before, machine.reply) {
        case (.requested(let turn, isCancelled: true), .ending(responseID: "")):
            self.happened.insert("collision when cancelled")
            if case .recording = turn.turn { self.happened.insert("recording cancelled") }
        case (_, .requested(let turn, isCancelled: true)):
            if case .recording = turn.turn { self.happened.insert("recording cancelled") }
        case (_, .requested(let turn, isCancelled: false)):
            if case .recording = turn.turn { self.happened.insert("recording asked") }
            if case .live = turn.turn { self.happened.insert("live asked") }
        default: break
        }
    }

    mutating func check(_ machine: ConversationMachine) {
        // A candidate that waits for its next attempt has no connection.
        let candidate = machine.candidate.flatMap { self.open.contains($0.id) ? $0.id : nil }
        let needed = Set([machine.line?.id, candidate].compactMap { $0 })
        self.expect(self.open == needed, "open are \(self.open.map(\.number)), needed \(needed.map(\.number))")
        self.expect(machine.queue.count <= machine.limits.maxQueuedTurns + 1, "\(machine.queue.count) turns wait")
        self.expect(self.isAudioHeld == (machine.bargeIn != nil), "audio is held for nothing, or not held")
        switch self.microphone {
        case .open: self.expect(machine.line?.phase == .ready, "the microphone is open and nobody listens")
        case .held:
            self.expect(
                machine.candidate != nil || machine.sending != nil || machine.awaitsVoice,
                "the microphone's audio is kept for nobody")
        case .closed: break
        }
        let turns = machine.queue.map(\.turn) + [machine.reply.turn].compactMap { $0?.turn }
        let waiting = Set(turns.compactMap { if case .recording(let id) = $0 { id } else { nil } })
        self.expect(self.recordings == waiting, "kept are \(self.recordings), waiting \(waiting)")
        let live = Set(turns.compactMap(\.liveItemID))
        self.expect(self.speech == live, "kept is the speech of \(self.speech), waiting \(live)")
        self.expect(
            machine.candidate == nil || candidate != nil || self.timers.contains(.retry), "a candidate waits for ever")
    }

    mutating func firedTimer(_ dice: inout Dice) -> SessionTimer? {
        self.timers.isEmpty ? nil : self.timers.remove(at: dice.below(self.timers.count))
    }

    func anyOpen(_ dice: inout Dice) -> LineID? {
        let lines = self.open.sorted { $0.number < $1.number }
        return lines.isEmpty ? nil : lines[dice.below(lines.count)]
    }

    mutating func event(_ dice: inout Dice) -> RealtimeServerEvent {
        let id = "r\(max(0, self.responses - dice.below(2)))"
        switch dice.below(12) {
        case 10:
            self.items += 1
            return .inputAudioCommitted(itemID: "u\(self.items)", previousItemID: nil)
        case 11: return .outputItemDone(responseID: id, ItemSummary(id: "item_\(id)"))
        case 0, 1: return .sessionCreated(SessionSummary(id: "s"))
        case 2, 3: return .sessionUpdated(SessionSummary(id: "s"))
        case 4:
            self.responses += 1
            return .responseCreated(id: "r\(self.responses)", metadata: [:])
        case 5: return .audioDelta(.reply(id), audio: [0, 0])
        case 6: return .transcriptDone(.reply(id), text: "words")
        case 7: return .responseDone(ResponseSummary(id: id, status: dice.below(2) == 0 ? .completed : .failed))
        case 8: return .speechStarted(itemID: "u", audioStartMs: 0)
        default:
            let codes = ["conversation_already_has_active_response", "session_expired", "other", "response_refused"]
            return .error(RealtimeError(type: "error", code: codes[dice.below(4)], message: ""))
        }
    }

    private mutating func expect(_ condition: Bool, _ sentence: String) {
        if !condition { self.fault = self.fault ?? sentence }
    }
}

/// The same numbers for the same seed (SplitMix64).
private struct Dice {
    private var state: UInt64

    // Not by the constant of each step: then every seed would give the same numbers, one place further.
    init(seed: UInt64) { self.state = seed &* 0xD134_2543_DE82_EF95 }

    mutating func below(_ limit: Int) -> Int {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(limit))
    }
}

extension ReplyState {
    /// The turn that is being answered.
    fileprivate var turn: QueuedTurn? {
        switch self {
        case .none, .ending: nil
        case .requested(let turn, _): turn
        case .running(let reply): reply.turn
        }
    }
}
