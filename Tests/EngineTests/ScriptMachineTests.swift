import JSON
import Testing
import Transport

@testable import Engine

@Suite struct ScriptMachineTests {
    private static let greeting = Array(#"{"type":"session.created"}"#.utf8)

    private func machine(_ steps: String, allow: String = "[]", dialect: String = "ga") throws -> ScriptMachine {
        let text = "dialect: \(dialect)\nconnections:\n  - allow: \(allow)\n    steps:\n\(steps)"
        let script = try FaultScript(parsing: Array(text.utf8))
        var machine = ScriptMachine(script.connections[0], dialect: script.dialect)
        #expect(machine.engineSent(Self.greeting) == [])
        return machine
    }

    private func event(_ type: String) -> [UInt8] { Array("{\"type\":\"\(type)\"}".utf8) }

    @Test func `steps follow one another, and each waits for its event`() throws {
        var machine = try self.machine("    - send: hello\n    - expect: a\n    - send: bye\n    - close: 1000")
        #expect(
            machine.opened() == [
                .send(Array(#"{"event_id":"event_1","type":"hello"}"#.utf8)), .wake(afterMs: 10_000, ticket: 2),
            ])
        #expect(
            machine.received(self.event("a")) == [
                .send(Array(#"{"event_id":"event_2","type":"bye"}"#.utf8)), .close(code: 1_000, reason: ""),
            ])
        #expect(machine.closed(code: 1_000) == [])
        #expect(machine.progress == ScriptProgress(done: 4, unreached: nil, failure: nil, isClosed: true))
    }

    @Test func `events wait for the step that expects them`() throws {
        var machine = try self.machine("    - delay: 50\n    - expect: a\n    - expect: b\n    - send: done")
        #expect(machine.opened() == [.wake(afterMs: 50, ticket: 1)])
        #expect(machine.received(self.event("a")) == [])
        #expect(machine.received(self.event("b")) == [])
        let actions = machine.woken(1)
        #expect(actions.last == .send(Array(#"{"event_id":"event_1","type":"done"}"#.utf8)))
        #expect(machine.unreached == nil)
    }

    @Test func `several events may come in any order`() throws {
        var machine = try self.machine("    - expect: [a, b, a]")
        _ = machine.opened()
        for type in ["b", "a"] { #expect(machine.received(self.event(type)) == []) }
        #expect(machine.unreached != nil)
        #expect(machine.received(self.event("a")) == [])
        #expect(machine.unreached == nil)
    }

    @Test func `where asks for members, within objects too`() throws {
        let pattern = EventPattern(type: "a", fields: ["x": ["y": 1, "z": ["p", ["q": .null]]]])
        #expect(pattern.fits(["type": "a", "more": 1, "x": ["y": 1.0, "w": 2, "z": ["p", ["q": .null, "r": 1]]]]))
        #expect(!pattern.fits(["type": "a", "x": ["y": 2, "z": ["p", ["q": .null]]]]))
        #expect(!pattern.fits(["type": "a", "x": ["y": 1, "z": ["p"]]]))
        #expect(!pattern.fits(["type": "b", "x": ["y": 1, "z": ["p", ["q": .null]]]]))
        #expect(!pattern.fits(.null))
    }

    @Test func `an event that no step expects fails the run and names the step`() throws {
        var machine = try self.machine("    - delay: 0\n    - expect: a")
        _ = machine.opened()
        _ = machine.woken(1)
        #expect(machine.received(self.event("b")) == [.close(code: 1_011, reason: "the script has failed")])
        #expect(machine.failure?.description == "line 6: expect a: \"b\" came, which nothing expects")
        #expect(machine.received(self.event("a")) == [])
    }

    @Test func `an event after the last step is one too many`() throws {
        var machine = try self.machine("    - expect: a", allow: "[c]")
        _ = machine.opened()
        _ = machine.received(self.event("a"))
        #expect(machine.received(self.event("c")) == [])
        #expect(machine.failure == nil)
        _ = machine.received(self.event("a"))
        #expect(machine.failure?.reason == "\"a\" came, which nothing expects")
    }

    @Test func `an event that does not come in time fails the run`() throws {
        var machine = try self.machine("    - {expect: a, within_ms: 70}")
        #expect(machine.opened() == [.wake(afterMs: 70, ticket: 1)])
        #expect(machine.woken(0) == [])
        #expect(machine.woken(1) == [.close(code: 1_011, reason: "the script has failed")])
        #expect(machine.failure?.reason == "a did not come in time")
    }

    @Test func `a step that is not reached before the end fails the run`() throws {
        var machine = try self.machine("    - expect: a\n    - send: b")
        _ = machine.opened()
        #expect(machine.closed(code: 1_000) == [])
        #expect(machine.failure?.description == "line 5: expect a: never reached: the connection ended with 1000")
    }

    @Test func `the client's leaving can be expected, also with a code`() throws {
        var machine = try self.machine("    - delay: 9000\n    - expect_close: 1007")
        _ = machine.opened()
        _ = machine.closed(code: 1_007)
        #expect(machine.failure == nil && machine.unreached == nil)
        var other = try self.machine("    - expect_close: 1007")
        _ = other.opened()
        _ = other.closed(code: 1_006)
        #expect(other.failure?.reason == "the client left with 1006")
    }

    @Test func `garbage, faults and frames go out in order`() throws {
        var machine = try self.machine("    - garbage: no_type\n    - ignore_pings\n    - raw: '8A 00'\n    - reset")
        #expect(
            machine.opened() == [
                .text(#"{"response": {}}"#), .fault(.ignorePings), .fault(.bytes([0x8A, 0x00])), .fault(.reset),
            ])
        #expect(machine.received(self.event("late")) == [])
        #expect(machine.failure == nil)
    }

    @Test func `binary frames and floods fail the run`() throws {
        var machine = try self.machine("    - expect: a")
        _ = machine.opened()
        #expect(machine.receivedBinary() == [.close(code: 1_011, reason: "the script has failed")])
        var slow = try self.machine("    - delay: 9000")
        _ = slow.opened()
        for _ in 0...2_000 { _ = slow.received(self.event("a")) }
        #expect(slow.failure?.reason == "2000 events wait")
    }
}

/// Where the engine answers for the script.
@Suite struct ScriptEngineTests {
    private static let greeting = Array(#"{"type":"session.created"}"#.utf8)
    private static let cancel = ScriptMachine.Action.toEngine(
        Array(#"{"type":"response.cancel"}"#.utf8), isAloud: false)

    private func machine(_ steps: String, allow: String = "[]", dialect: String = "ga") throws -> ScriptMachine {
        let text = "dialect: \(dialect)\nconnections:\n  - allow: \(allow)\n    steps:\n\(steps)"
        let script = try FaultScript(parsing: Array(text.utf8))
        var machine = ScriptMachine(script.connections[0], dialect: script.dialect)
        _ = machine.engineSent(Self.greeting)
        return machine
    }

    private func event(_ type: String) -> [UInt8] { Array("{\"type\":\"\(type)\"}".utf8) }

    /// What a session does with `toEngine`.
    private func hear(
        _ machine: inout ScriptMachine, aloud: Bool = true, says types: [String]
    ) -> [ScriptMachine.Action] {
        machine.engineHears(isAloud: aloud)
        return types.flatMap { machine.engineSent(self.event($0)) } + machine.engineSettled()
    }

    @Test func `begin lets the engine open the session and take its configuration`() throws {
        var machine = try self.machine("    - begin\n    - send: x")
        #expect(machine.opened() == [.send(Self.greeting), .wake(afterMs: 10_000, ticket: 2)])
        let update = self.event("session.update")
        #expect(machine.received(update) == [.toEngine(update, isAloud: true)])
        #expect(
            self.hear(&machine, says: ["session.updated"]) == [
                .send(self.event("session.updated")), .text(#"{"event_id":"event_1","type":"x"}"#),
            ])
    }

    @Test func `a reply lasts until its response is done`() throws {
        var machine = try self.machine("    - expect: response.create\n    - reply\n    - close: 1000")
        _ = machine.opened()
        _ = machine.received(self.event("response.create"))
        #expect(self.hear(&machine, says: ["response.created"]) == [.send(self.event("response.created"))])
        #expect(machine.engineSent(self.event("response.output_audio.delta")).count == 1)
        #expect(
            machine.engineSent(self.event("response.done")) == [
                .send(self.event("response.done")), .close(code: 1_000, reason: ""),
            ])
    }

    @Test func `what the script answers itself the engine only overhears`() throws {
        var machine = try self.machine(
            "    - expect: session.update\n    - send: session.updated\n    - expect: response.create\n    - send: x")
        _ = machine.opened()
        let update = self.event("session.update")
        let actions = machine.received(update)
        #expect(actions.contains(.toEngine(update, isAloud: false)))
        #expect(self.hear(&machine, aloud: false, says: ["session.updated"]) == [])
        // A request is not for its ears: it would answer.
        let request = self.event("response.create")
        #expect(!machine.received(request).contains(.toEngine(request, isAloud: false)))
    }

    @Test func `the engine talks until it has said enough, and is stopped`() throws {
        var machine = try self.machine(
            "    - engine:\n      until: response.output_audio.delta\n      times: 2\n    - close: 1011")
        #expect(machine.opened() == [.send(Self.greeting)])
        let request = self.event("response.create")
        #expect(machine.received(request) == [.toEngine(request, isAloud: true)])
        let delta = ScriptMachine.Action.send(self.event("response.output_audio.delta"))
        #expect(self.hear(&machine, says: ["response.created", "response.output_audio.delta"]).last == delta)
        #expect(
            machine.engineSent(self.event("response.output_audio.delta")) == [
                delta, Self.cancel, .close(code: 1_011, reason: ""),
            ])
        #expect(machine.engineSent(self.event("response.done")) == [])
    }

    @Test func `an engine that talks to the end has done its step`() throws {
        var machine = try self.machine("    - begin\n    - engine")
        _ = machine.opened()
        _ = machine.received(self.event("session.update"))
        _ = self.hear(&machine, says: ["session.updated"])
        #expect(machine.progress.verdict == nil)
        _ = machine.closed(code: 1_000)
        #expect(machine.progress.verdict == nil && machine.unreached == nil)
    }

    @Test func `events of the engine can be left out and doubled`() throws {
        var machine = try self.machine("    - {engine: , twice: [a], drop: [b]}")
        _ = machine.opened()
        #expect(machine.engineSent(self.event("a")) == [.send(self.event("a")), .send(self.event("a"))])
        #expect(machine.engineSent(self.event("b")) == [])
    }

    @Test func `in the beta dialect the engine's events have their old names`() throws {
        var machine = try self.machine("    - engine", dialect: "beta")
        _ = machine.opened()
        #expect(
            machine.engineSent(self.event("response.output_audio.delta")) == [.send(self.event("response.audio.delta"))]
        )
        #expect(machine.engineSent(self.event("conversation.item.done")) == [])
    }

    @Test func `a turn that the engine ends by itself while nobody asked is taken back`() throws {
        var machine = try self.machine("    - delay: 50", allow: "[input_audio_buffer.append]")
        _ = machine.opened()
        #expect(machine.engineSent(self.event("response.created")) == [Self.cancel])
    }
}

extension ScriptMachine.Action {
    fileprivate static func text(_ text: String) -> Self { .send(Array(text.utf8)) }
}
