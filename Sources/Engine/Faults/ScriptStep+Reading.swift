import JSON
import Transport
import YAML

extension ScriptStep {
    /// What a step begins with, and what else it may have.
    private static let verbs: [String: Set<String>] = [
        "begin": [], "reply": [], "reset": [], "half_close": [], "ignore_pings": [], "answer_pings": [],
        "stop_reading": [], "delay": [], "garbage": [], "raw": [],
        "expect": ["where", "within_ms"], "expect_close": ["within_ms"], "send": ["fields"],
        "say": ["ms", "hz", "piece_ms", "pause_ms", "stop_after", "status", "error", "id"],
        "engine": ["until", "times", "twice", "drop"], "close": ["reason"],
    ]
    private static let maxMs = 600_000
    private static let usualMs = 10_000

    /// The steps that one entry of a script stands for: several for `begin` and `say`.
    static func steps(_ node: YAMLNode, _ dialect: FaultScript.Dialect) throws(FaultScriptError) -> [ScriptStep] {
        let entry = try Entry(node)
        let steps = try self.actions(entry, dialect)
        return steps.map { ScriptStep(line: node.line, name: entry.name, action: $0) }
    }

    /// A verb, its value, and what qualifies it.
    private struct Entry {
        let line: Int
        let verb: String
        let value: YAMLNode
        let fields: ScriptFields

        init(_ node: YAMLNode) throws(FaultScriptError) {
            var node = node
            // A verb alone, such as `- begin`.
            if case .scalar(.string(let verb)) = node.content {
                let nothing = YAMLNode(line: node.line, content: .scalar(.null))
                let member = YAMLNode.Member(name: verb, line: node.line, value: nothing)
                node = YAMLNode(line: node.line, content: .mapping([member]))
            }
            guard case .mapping(let members) = node.content else {
                throw FaultScriptError(line: node.line, "a step is neither a word nor a mapping")
            }
            let found = members.filter { verbs[$0.name] != nil }
            guard let first = found.first, found.count == 1, let more = verbs[first.name] else {
                let known = verbs.keys.sorted().joined(separator: ", ")
                throw FaultScriptError(line: node.line, "a step has one of \(known)")
            }
            self.line = node.line
            self.verb = first.name
            self.value = first.value
            self.fields = try ScriptFields(node, "the step \(first.name)", allowed: more.union([first.name]))
        }

        var name: String {
            guard let text = self.value.json.string ?? self.value.json.integer.map({ "\($0)" }) else {
                return self.verb
            }
            return "\(self.verb) \(text.prefix(60))"
        }

        func withinMs() throws(FaultScriptError) -> Int {
            try self.fields.integer("within_ms", in: 1...maxMs) ?? usualMs
        }

        func text() throws(FaultScriptError) -> String {
            guard let text = self.value.json.string, !text.isEmpty else {
                throw FaultScriptError(line: self.line, "\(self.verb) has no text")
            }
            return text
        }
    }

    private static func actions(
        _ entry: Entry, _ dialect: FaultScript.Dialect
    ) throws(FaultScriptError) -> [Action] {
        switch entry.verb {
        case "begin":
            [
                .reply, .expect([EventPattern(type: "session.update")], withinMs: self.usualMs),
                // The engine takes no session of the old shape.
                dialect == .ga
                    ? .reply : .send(["type": "session.updated", "session": ["object": "realtime.session"]]),
            ]
        case "say": try SpokenResponse(entry.fields, dialect).actions
        default: [try self.action(entry)]
        }
    }

    private static func action(_ entry: Entry) throws(FaultScriptError) -> Action {
        switch entry.verb {
        case "expect": return try self.expectation(entry)
        case "expect_close":
            let codes = entry.value.json.isNull ? [] : [try ScriptFields.integer(entry.value, "a code", in: 0...4_999)]
            return .expectClose(codes: codes, withinMs: try entry.withinMs())
        case "send":
            var event = ToneValue.filled(try entry.fields.object("fields") ?? [:])
            event["type"] = .string(try entry.text())
            return .send(event)
        case "delay": return .delay(milliseconds: try ScriptFields.integer(entry.value, "delay", in: 0...self.maxMs))
        case "reply": return .reply
        case "engine": return .engine(try self.engineTurn(entry))
        case "close":
            let code = try ScriptFields.integer(entry.value, "close", in: 1_000...4_999)
            return .close(code: code, reason: try entry.fields.string("reason") ?? "")
        case "garbage": return try Garbage.action(try entry.text(), entry.line)
        case "raw": return .fault(.bytes(try Garbage.bytes(try entry.text(), entry.line)))
        case "ignore_pings": return .fault(.ignorePings)
        case "answer_pings": return .fault(.answerPings)
        case "half_close": return .fault(.endOutput)
        case "reset": return .fault(.reset)
        default: return .stopReading
        }
    }

    private static func expectation(_ entry: Entry) throws(FaultScriptError) -> Action {
        let types = try entry.fields.strings("expect") ?? []
        let fields = try entry.fields.object("where")
        guard !types.isEmpty, fields == nil || types.count == 1 else {
            throw FaultScriptError(line: entry.line, "expect has one type, or several and no where")
        }
        return .expect(
            types.map { EventPattern(type: $0, fields: fields ?? [:]) }, withinMs: try entry.withinMs())
    }

    private static func engineTurn(_ entry: Entry) throws(FaultScriptError) -> EngineTurn {
        let until = try entry.fields.string("until")
        let times = try entry.fields.integer("times", in: 1...10_000)
        guard until != nil || times == nil else {
            throw FaultScriptError(line: entry.line, "times counts what until names")
        }
        return EngineTurn(
            until: until, times: times ?? 1, repeated: Set(try entry.fields.strings("twice") ?? []),
            dropped: Set(try entry.fields.strings("drop") ?? []))
    }
}
