import JSON
import YAML

/// The members of one mapping of a script, checked as they are read.
struct ScriptFields {
    let line: Int
    private let members: [YAMLNode.Member]

    init(_ node: YAMLNode, _ what: String, allowed: Set<String>) throws(FaultScriptError) {
        guard case .mapping(let members) = node.content else {
            throw FaultScriptError(line: node.line, "\(what) is not a mapping")
        }
        for member in members where !allowed.contains(member.name) {
            throw FaultScriptError(
                line: member.line,
                "\(what) has no \"\(member.name.prefix(64))\"; it may have \(allowed.sorted().joined(separator: ", "))")
        }
        self.line = node.line
        self.members = members
    }

    subscript(name: String) -> YAMLNode? { self.members.first { $0.name == name }?.value }

    func string(_ name: String) throws(FaultScriptError) -> String? {
        guard let node = self[name] else { return nil }
        guard let text = node.json.string else { throw FaultScriptError(line: node.line, "\(name) is not text") }
        return text
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(FaultScriptError) -> Int? {
        guard let node = self[name] else { return nil }
        return try Self.integer(node, name, in: range)
    }

    static func integer(
        _ node: YAMLNode, _ name: String, in range: ClosedRange<Int>
    ) throws(FaultScriptError) -> Int {
        guard let number = node.json.integer, range.contains(number) else {
            throw FaultScriptError(
                line: node.line, "\(name) is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Choice.Type
    ) throws(FaultScriptError) -> Choice? where Choice.RawValue == String {
        guard let text = try self.string(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw FaultScriptError(
                line: self[name]?.line ?? self.line, "\(name) \"\(text.prefix(64))\" is none of \(known)")
        }
        return choice
    }

    /// One text, or a list of them.
    func strings(_ name: String) throws(FaultScriptError) -> [String]? {
        guard let node = self[name] else { return nil }
        guard case .sequence(let nodes) = node.content else { return try self.string(name).map { [$0] } }
        var texts: [String] = []
        for node in nodes {
            guard let text = node.json.string else { throw FaultScriptError(line: node.line, "\(name) is not text") }
            texts.append(text)
        }
        return texts
    }

    func object(_ name: String) throws(FaultScriptError) -> [String: JSONValue]? {
        guard let node = self[name] else { return nil }
        guard let object = node.json.object else {
            throw FaultScriptError(line: node.line, "\(name) is not a mapping")
        }
        return object
    }
}
