/// Why a provider did not do what it was asked, and what may come of asking again.
public struct ProviderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A word that programs may compare.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        /// There is no key for it.
        public static let notConfigured = Code(rawValue: "provider_not_configured")
        /// No connection came about, or it broke.
        public static let unreachable = Code(rawValue: "provider_unreachable")
        /// It took longer than `provider_timeout`.
        public static let timeout = Code(rawValue: "provider_timeout")
        /// It answered that it cannot serve now.
        public static let unavailable = Code(rawValue: "provider_unavailable")
        /// What it answered cannot be read.
        public static let malformed = Code(rawValue: "provider_malformed_answer")
        /// It does not take the key.
        public static let unauthorized = Code(rawValue: "provider_unauthorized")
        /// It was asked too often.
        public static let rateLimited = Code(rawValue: "provider_rate_limited")
        /// As many calls are held as the account may hold.
        public static let busy = Code(rawValue: "provider_busy")
        /// The account has nothing left.
        public static let outOfCredits = Code(rawValue: "provider_out_of_credits")
        /// It does not take what was sent.
        public static let rejected = Code(rawValue: "provider_rejected")
        /// It knows no replica of that id.
        public static let unknownReplica = Code(rawValue: "unknown_replica")
        /// It knows no document of that id.
        public static let unknownDocument = Code(rawValue: "unknown_document")
        /// There is nothing of that id.
        public static let gone = Code(rawValue: "provider_gone")
        /// It has nothing of the kind.
        public static let notSupported = Code(rawValue: "not_supported")
        /// The prompt is longer than what is sent to a provider.
        public static let promptTooLong = Code(rawValue: "prompt_too_long")
        /// It makes no persona without a replica.
        public static let replicaRequired = Code(rawValue: "replica_required")
    }

    public enum Disposition: Sendable, Equatable {
        /// The same may succeed in a while, and had no effect yet.
        ///
        /// - Parameter after: how long the provider wants to be left alone.
        case retry(after: Duration?)
        /// It may succeed once a slot or money is there: minutes, not seconds.
        case retryLater
        /// It will not succeed as it is.
        case never
        /// It was sent, and nobody said what came of it: what should be made may be there.
        case unknownOutcome
    }

    public let code: Code
    /// One sentence for the client, in our own words: nothing of the provider's text, no key, no address.
    public let message: String
    /// The provider's own words, shortened and without the key and what was sent; for the log alone, may be empty.
    public let detail: String
    public let disposition: Disposition
    /// The field of a persona that it is about, as clients name it.
    public let field: String?

    public init(
        _ code: Code, _ message: String, detail: String = "", disposition: Disposition, field: String? = nil
    ) {
        self.code = code
        self.message = message
        self.detail = detail
        self.disposition = disposition
        self.field = field
    }

    public var description: String { "\(self.code.rawValue): \(self.message)" }

    /// What is said wherever a provider is needed and there is no key for one.
    public static let notConfigured = ProviderError(
        .notConfigured, "no provider is configured: set provider_key_file or VAANI_PROVIDER_KEY", disposition: .never)
}
