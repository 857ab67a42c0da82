/// Why a store did not do what it was asked. Where this is thrown, nothing was changed.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// There is no such record of that owner.
        case notFound = "not_found"
        /// Somebody else has changed the record since it was read.
        case changed
        /// The idempotency key was used for another request.
        case keyReused = "key_reused"
        /// A record of that id is there already.
        case exists
        /// Its owner has made as many as one may in a while.
        case overQuota = "over_quota"
        /// The store has no room, or may not be written to, or is damaged: an operator has to mend it.
        case unavailable
        /// The store has too much to do.
        case busy
    }

    public var code: Code
    /// One sentence for an operator; for `unavailable` and `busy` nothing that a client should see.
    public var description: String
    /// For `overQuota`: seconds after which one more may be made.
    public var retryAfterSeconds: Int?

    public init(_ code: Code, _ description: String, retryAfterSeconds: Int? = nil) {
        self.code = code
        self.description = description
        self.retryAfterSeconds = retryAfterSeconds
    }

    public var isRetriable: Bool { self.code == .busy }
}
