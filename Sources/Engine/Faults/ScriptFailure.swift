/// What did not go as the script says.
public struct ScriptFailure: Sendable, Equatable {
    /// From 1, in the order of connecting; nil where nobody connected.
    public var connection: Int?
    /// Of the script's file; nil where the script has no such place.
    public let line: Int?
    /// Such as `expect response.create`.
    public let step: String?
    public let reason: String

    init(step: ScriptStep?, reason: String) {
        self.init(line: step?.line, step: step?.name, reason: reason)
    }

    init(connection: Int? = nil, line: Int?, step: String? = nil, reason: String) {
        self.connection = connection
        self.line = line
        self.step = step
        self.reason = reason
    }
}

extension ScriptFailure: CustomStringConvertible {
    public var description: String {
        let place = [self.line.map { "line \($0)" }, self.connection.map { "connection \($0)" }, self.step]
        return (place.compactMap { $0 } + [self.reason]).joined(separator: ": ")
    }
}
