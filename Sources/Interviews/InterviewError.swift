/// Why an interview, or the persona of a user, could not be read or changed.
public struct InterviewError: Error, Sendable, Equatable, CustomStringConvertible {
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        /// The user has nothing of that name; what belongs to somebody else is the same.
        public static let notFound = Code(rawValue: "not_found")
        /// The interview is over, or not yet so far.
        public static let conflict = Code(rawValue: "conflict")
        /// What was sent breaks a rule that the message names.
        public static let invalid = Code(rawValue: "invalid")
        /// The document is not the one that was read.
        public static let changed = Code(rawValue: "changed")
        /// A role or a mode of operation does not allow it.
        public static let forbidden = Code(rawValue: "forbidden")
        /// The plan or a role cannot be used: an operator has to mend it.
        public static let unusable = Code(rawValue: "unusable")
        /// The disk did not take or give it.
        public static let unavailable = Code(rawValue: "unavailable")
    }

    public let code: Code
    /// One sentence: the thing, the value, the limit. Never a path and never an answer of the user.
    public let message: String
    /// Of the request, where one field is wrong.
    public let field: String?

    public init(_ code: Code, _ message: String, field: String? = nil) {
        self.code = code
        self.message = message
        self.field = field
    }

    public var description: String { "\(self.code.rawValue): \(self.message)" }

    static let noSuchInterview = InterviewError(.notFound, "there is no interview of that id")
}
