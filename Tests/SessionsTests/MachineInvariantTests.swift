import ClientProtocol
import Personas
import RealtimeProtocol
import Testing

@testable import Sessions

/// Random conversations: whatever users, models and timers do, some things stay true.
@Suite struct MachineInvariantTests {
    @Test(arguments: 0..<200) func `lines and responses are never lost or doubled`(seed: Int) {
        var dice = Dice(seed: UInt64(seed) &+ 1)
        var machine = ConversationMachine()
        var world = World()
        var now = 0
        for _ in 0..<400 {
            now += dice.below(400)
            world.take(self.step(&machine, &world, &dice, now: now))
            world.check(machine)
            guard world.fault == nil else { break }
        }
        #expect(world.fault == nil)
    }

    private func step(
        _ machine: inout ConversationMachine, _ world: inout World, _ dice: inout Dice, now: Int
    ) -> [SessionAction] {
        let personas = [CompiledPersona.tina, .mohit, .quiet]
        switch dice.below(14) {
        case 0:
            return machine.choose(
                personas[dice.below(3)], PersonaRequest(id: "p"), greets: dice.below(2) == 0, now: now)
        case 1: return machine.textReceived("text", now: now)
        case 2:
            world.turns += 1
            return machine.recordingReceived(TurnID(number: world.turns), now: now)
        case 3: return machine.recordingDecoded(TurnID(number: max(1, world.turns - dice.below(2))))
        case 4: return machine.sending.map { machine.recordingSent($0) } ?? []
        case 5: return machine.cancelReceived(now: now)
        case 6: return machine.streamingBegan()
        case 7: return self.fail(&machine, &world, &dice, now: now)
        case 8: return world.firedTimer(&dice).map { machine.timerFired($0, now: now) } ?? []
        default:
            guard let line = world.anyOpen(&dice) else { return [] }
            return machine.upstream(line, world.event(&dice), now: now)
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
    var open: Set<LineID> = []
    var turns = 0
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
            default: break
            }
        }
    }

    mutating func check(_ machine: ConversationMachine) {
        // A candidate that waits for its next attempt has no connection.
        let candidate = machine.candidate.flatMap { self.open.contains($0.id) ? $0.id : nil }
        let needed = Set([machine.line?.id, candidate].compactMap { $0 })
        self.expect(self.open == needed, "open are \(self.open.map(\.number)), needed \(needed.map(\.number))")
        self.expect(machine.queue.count <= machine.limits.maxQueuedTurns + 1, "\(machine.queue.count) turns wait")
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
        switch dice.below(10) {
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
            let codes = ["conversation_already_has_active_response", "session_expired", "other"]
            return .error(RealtimeError(type: "error", code: codes[dice.below(3)], message: ""))
        }
    }

    private mutating func expect(_ condition: Bool, _ sentence: String) {
        if !condition { self.fault = self.fault ?? sentence }
    }
}

/// The same numbers for the same seed (SplitMix64).
private struct Dice {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func below(_ limit: Int) -> Int {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(limit))
    }
}
