/// Why a text is no YAML that is taken here.
public struct YAMLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// From 1; where the reader noticed.
    public let line: Int
    /// One sentence, lower case.
    public let message: String

    public init(line: Int, _ message: String) {
        self.line = line
        self.message = message
    }

    public var description: String { "line \(self.line): \(self.message)" }
}
