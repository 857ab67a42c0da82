import JSON
import YAML

extension FaultScript {
    private static let maxConnections = 100
    private static let maxSteps = 10_000

    /// Reads a script: YAML, and therefore JSON.
    ///
    /// - Throws: `FaultScriptError` with the line that is wrong.
    public init(parsing text: [UInt8]) throws(FaultScriptError) {
        let root: YAMLNode
        do throws(YAMLError) {
            root = try YAMLReader.read(text)
        } catch {
            throw FaultScriptError(line: error.line, error.message)
        }
        let names: Set = ["about", "speech", "dialect", "rest", "allow", "connections"]
        let fields = try ScriptFields(root, "a script", allowed: names)
        self.about = try fields.string("about") ?? ""
        self.speech = try fields.choice("speech", Speech.self) ?? .tones
        self.dialect = try fields.choice("dialect", Dialect.self) ?? .ga
        self.rest = try fields.choice("rest", Rest.self) ?? .fail
        let allowed = Set(try fields.strings("allow") ?? [])
        guard case .sequence(let nodes)? = fields["connections"]?.content, !nodes.isEmpty else {
            throw FaultScriptError(
                line: fields["connections"]?.line ?? root.line, "connections is not a list with something in it")
        }
        var connections: [Connection] = []
        for node in nodes {
            let (connection, times) = try Self.connection(node, allowed, self.dialect)
            connections += Array(repeating: connection, count: times)
        }
        let steps = connections.reduce(0) { $0 + $1.steps.count }
        guard connections.count <= Self.maxConnections, steps <= Self.maxSteps else {
            throw FaultScriptError(
                line: root.line,
                "\(connections.count) connections with \(steps) steps: \(Self.maxConnections) and \(Self.maxSteps) are taken"
            )
        }
        self.connections = connections
    }

    private static func connection(
        _ node: YAMLNode, _ allowed: Set<String>, _ dialect: Dialect
    ) throws(FaultScriptError) -> (Connection, times: Int) {
        let names: Set = ["about", "times", "allow", "steps", "refuse", "retry_after_s"]
        let fields = try ScriptFields(node, "a connection", allowed: names)
        _ = try fields.string("about")
        let times = try fields.integer("times", in: 1...self.maxConnections) ?? 1
        let refusal = try self.refusal(fields)
        guard (refusal == nil) != (fields["steps"] == nil) else {
            throw FaultScriptError(line: node.line, "a connection has either steps or refuse")
        }
        let connection = Connection(
            line: node.line, refusal: refusal, steps: try self.steps(fields["steps"], dialect),
            allowed: allowed.union(try fields.strings("allow") ?? []))
        return (connection, times)
    }

    private static func refusal(_ fields: ScriptFields) throws(FaultScriptError) -> Refusal? {
        let retryAfter = try fields.integer("retry_after_s", in: 0...86_400)
        guard let node = fields["refuse"] else { return nil }
        // 1xx has no end, and 2xx is no refusal.
        let status = try ScriptFields.integer(node, "refuse", in: 300...599)
        return Refusal(line: node.line, status: status, retryAfterSeconds: retryAfter)
    }

    private static func steps(_ node: YAMLNode?, _ dialect: Dialect) throws(FaultScriptError) -> [ScriptStep] {
        guard let node else { return [] }
        guard case .sequence(let nodes) = node.content else {
            throw FaultScriptError(line: node.line, "steps is not a list")
        }
        var steps: [ScriptStep] = []
        for node in nodes { steps += try ScriptStep.steps(node, dialect) }
        return steps
    }
}
