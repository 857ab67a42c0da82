/// What is wrong with one field of what a client sent.
public struct Violation: Sendable, Hashable {
    /// As the client names it: `title`, `llm.tools`, `stt.participant_pause_sensitivity`.
    public var field: String
    /// What it must be, to follow the field's name.
    public var message: String

    public init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }
}

/// Everything that is wrong with what a client sent; never empty.
public struct InvalidInput: Error, Sendable, Equatable {
    public var violations: [Violation]

    public init(_ violations: [Violation]) {
        precondition(!violations.isEmpty, "input without a violation is valid")
        self.violations = violations
    }
}
