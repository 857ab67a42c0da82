import Foundation
import JSON
import Testing
import Transport

@testable import Engine

@Suite struct FaultScriptTests {
    private func read(_ text: String) throws(FaultScriptError) -> FaultScript {
        try FaultScript(parsing: Array(text.utf8))
    }

    private func steps(_ text: String) throws -> [ScriptStep] {
        try self.read("connections:\n  - steps:\n\(text)").connections[0].steps
    }

    private func refusal(of text: String) -> FaultScriptError? {
        do throws(FaultScriptError) {
            _ = try self.read(text)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a script is read with the lines of its steps`() throws {
        let script = try self.read(
            """
            about: It breaks.
            allow: input_audio_buffer.append
            rest: engine
            connections:
              - refuse: 429
                retry_after_s: 2
              - times: 2
                allow: [response.cancel]
                steps:
                  - expect: response.create
                    where: {response: {conversation: auto}}
                    within_ms: 300
                  - send: response.created
                    fields: {response: {id: r}}
                  - delay: 20
                  - close: 1011
                    reason: enough
            """)
        #expect(script.about == "It breaks.")
        #expect(script.rest == .engine)
        #expect(script.connections.count == 3)
        #expect(script.connections[0].refusal == .init(line: 5, status: 429, retryAfterSeconds: 2))
        #expect(script.connections[1].allowed == ["input_audio_buffer.append", "response.cancel"])
        #expect(script.connections[1] == script.connections[2])
        let pattern = EventPattern(type: "response.create", fields: ["response": ["conversation": "auto"]])
        #expect(
            script.connections[1].steps == [
                ScriptStep(line: 10, name: "expect response.create", action: .expect([pattern], withinMs: 300)),
                ScriptStep(
                    line: 13, name: "send response.created",
                    action: .send(["type": "response.created", "response": ["id": "r"]])),
                ScriptStep(line: 15, name: "delay 20", action: .delay(milliseconds: 20)),
                ScriptStep(line: 16, name: "close 1011", action: .close(code: 1011, reason: "enough")),
            ])
    }

    @Test func `begin is three steps in one`() throws {
        let update = ScriptStep.Action.expect([EventPattern(type: "session.update")], withinMs: 10_000)
        #expect(try self.steps("      - begin").map(\.action) == [.reply, update, .reply])
    }

    @Test func `say is a whole response`() throws {
        let types = try self.steps("      - {say: Hello, ms: 250}").map(\.eventType)
        #expect(
            types == [
                "response.created", "response.output_item.added", "conversation.item.added",
                "response.content_part.added", "response.output_audio_transcript.delta",
                "response.output_audio.delta", "response.output_audio.delta", "response.output_audio.delta",
                "response.output_audio.done", "response.output_audio_transcript.done", "response.content_part.done",
                "conversation.item.done", "response.output_item.done", "response.done",
            ])
    }

    @Test func `say may break off, pause and have several items`() throws {
        let cut = try self.steps("      - {say: Hello, ms: 1000, stop_after: 2, pause_ms: 5}")
        #expect(
            cut.suffix(4).map(\.eventType) == ["response.output_audio.delta", nil, "response.output_audio.delta", nil])
        #expect(cut.last?.action == .delay(milliseconds: 5))
        let two = try self.steps("      - {say: [One., Two.], ms: 100}").map(\.eventType)
        #expect(two.filter { $0 == "response.output_item.done" }.count == 2)
        #expect(two.filter { $0 == "response.done" }.count == 1)
    }

    @Test func `a failed response carries its error`() throws {
        let last = try self.steps("      - {say: Hello, ms: 0, error: insufficient_quota}").last?.action
        guard case .send(let event)? = last else { throw FaultScriptError(line: 0, "no event") }
        #expect(event["response"]?["status"] == "failed")
        #expect(event["response"]?["status_details"]?["error"]?["code"] == "insufficient_quota")
    }

    @Test func `the beta dialect has its own names`() throws {
        let script = try self.read("dialect: beta\nconnections: [{steps: [begin, {say: Hi, ms: 100}]}]")
        let types = Set(script.connections[0].steps.compactMap(\.eventType))
        #expect(script.connections[0].steps[2].eventType == "session.updated")
        #expect(types.contains("response.audio.delta") && types.contains("conversation.item.created"))
        #expect(!types.contains("response.output_audio.delta") && !types.contains("conversation.item.done"))
    }

    @Test func `tones are audio`() throws {
        let step = try self.steps("      - {send: x, fields: {delta: {$tone: {ms: 10, hz: 500}}}}")[0]
        guard case .send(let event) = step.action, let text = event["delta"]?.string else { return }
        #expect(Base64.decode(text)?.count == 480)
    }

    @Test(arguments: Garbage.allCases) func `every kind of garbage is read`(garbage: Garbage) throws {
        switch try self.steps("      - garbage: \(garbage.rawValue)")[0].action {
        case .text: break
        case .fault(.bytes(let bytes)): #expect(!bytes.isEmpty)
        case let other: Issue.record("\(other) is no garbage")
        }
    }

    @Test func `every example is a script`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appending(path: "docs/scripts").path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count >= 5)
        for name in names {
            let script = try FaultScript(parsing: Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))))
            #expect(!script.about.isEmpty, "\(name)")
        }
    }

    @Test(arguments: [
        ("", 1, "the document is empty"),
        ("[]", 1, "a script is not a mapping"),
        ("connections: []", 1, "connections is not a list with something in it"),
        ("conections: []", 1, "a script has no \"conections\""),
        ("about: x\nconnections:\n  - steps: [jump]", 3, "a step has one of"),
        ("connections:\n  - {}", 2, "a connection has either steps or refuse"),
        ("connections:\n  - refuse: 200", 2, "refuse is not a whole number from 300 to 599"),
        ("connections:\n  - steps:\n    - begin\n    - delay: soon", 4, "delay is not a whole number"),
        ("connections:\n  - steps:\n    - send: x\n      where: {}", 4, "the step send has no \"where\""),
        ("connections:\n  - steps:\n    - {send: x, close: 1000}", 3, "a step has one of"),
        ("connections:\n  - steps:\n    - {expect: [a, b], where: {}}", 3, "several and no where"),
        ("connections:\n  - steps:\n    - garbage: rubbish", 3, "garbage \"rubbish\" is none of"),
        ("connections:\n  - steps:\n    - raw: 8g", 3, "raw is not hexadecimal"),
        ("connections:\n  - steps:\n    - close: 999", 3, "close is not a whole number"),
        ("connections:\n  - steps:\n    - {engine: , times: 2}", 3, "times counts what until names"),
        ("connections:\n  - steps:\n    - {say: }", 3, "say is not text"),
        ("connections:\n  - times: 101\n    steps: [begin]", 2, "times is not a whole number"),
        ("rest: nothing\nconnections:\n  - steps: [begin]", 1, "is none of fail, refuse, engine"),
        ("a: &x 1", 1, "anchors and aliases are not taken"),
    ]) func `what is wrong is told with its line`(text: String, line: Int, message: String) {
        let refusal = self.refusal(of: text)
        #expect(refusal?.line == line)
        #expect(refusal?.message.contains(message) == true, "\(refusal?.message ?? "taken")")
    }
}

extension ScriptStep {
    fileprivate var eventType: String? {
        if case .send(let event) = self.action { event["type"]?.string } else { nil }
    }
}
