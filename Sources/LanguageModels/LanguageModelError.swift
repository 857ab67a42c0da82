/// Why a model gave no answer.
public struct LanguageModelError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A word that code may compare, and that metadata may tell.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        /// Nobody is configured for the role.
        public static let notConfigured = Code(rawValue: "not_configured")
        /// The server takes no such request.
        public static let refused = Code(rawValue: "refused")
        /// The key is missing, wrong, or not allowed to do this.
        public static let auth = Code(rawValue: "auth")
        /// The account is used up.
        public static let quota = Code(rawValue: "quota")
        /// The server wants fewer requests for a while.
        public static let rateLimited = Code(rawValue: "rate_limited")
        /// Our own budget of tokens is used up for a while.
        public static let overBudget = Code(rawValue: "over_budget")
        /// The server cannot be reached, or has trouble of its own.
        public static let unavailable = Code(rawValue: "unavailable")
        public static let timeout = Code(rawValue: "timeout")
        /// What came is no answer, or broke off.
        public static let malformed = Code(rawValue: "malformed_answer")
        /// The server would not say what it had written.
        public static let filtered = Code(rawValue: "content_filtered")
        /// The caller's task was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    public let code: Code
    /// One sentence for an operator: who, what, the limit. Holds no prompt, no answer and no key.
    public let message: String
    /// Whether the same request may succeed later.
    public let isRetriable: Bool
    /// How long to wait before that, where somebody said so.
    public let retryAfter: Duration?

    public init(_ code: Code, _ message: String, isRetriable: Bool = false, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
        self.retryAfter = retryAfter
    }

    public var description: String { "\(self.code.rawValue): \(self.message)" }

    public static let cancelled = LanguageModelError(.cancelled, "the call was given up")
}
