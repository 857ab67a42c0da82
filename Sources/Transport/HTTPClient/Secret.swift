/// A credential. It prints as dots everywhere, so that no log line, error or dump can show it by accident.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    public init(_ value: String) {
        self.value = value
    }

    /// The credential itself, for the one header that carries it.
    public func reveal() -> String { self.value }

    public var isEmpty: Bool { self.value.isEmpty }
    public var description: String { "••••" }
    public var debugDescription: String { "••••" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
