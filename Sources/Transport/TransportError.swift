/// What went wrong between this process and a peer.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A word that code may compare.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        /// The URL of a target is none, or not `ws` or `wss`.
        public static let invalidTarget = Code(rawValue: "invalid_target")
        /// The name has no address, or the resolver gave no answer in time.
        public static let nameNotResolved = Code(rawValue: "name_not_resolved")
        /// No address of the host took the connection.
        public static let unreachable = Code(rawValue: "unreachable")
        /// The deadline of the whole connection attempt passed.
        public static let connectTimeout = Code(rawValue: "connect_timeout")
        /// The peer's certificate was not accepted, or TLS broke off.
        public static let tls = Code(rawValue: "tls")
        /// The peer answered the upgrade with an HTTP status other than 101; see ``TransportError/httpStatus``.
        public static let upgradeRefused = Code(rawValue: "upgrade_refused")
        /// The peer closed before the upgrade was answered, or answered what is no WebSocket handshake.
        public static let handshake = Code(rawValue: "handshake")
        /// The caller closed the socket before it was open.
        public static let cancelled = Code(rawValue: "cancelled")
        /// A listening address could not be bound.
        public static let bind = Code(rawValue: "bind")
        /// The library or the kernel refused what a loop needs to live.
        public static let eventLoop = Code(rawValue: "event_loop")
        /// The receiver went away before everything was written.
        public static let connectionClosed = Code(rawValue: "connection_closed")
    }

    public let code: Code
    /// One sentence for a person: the thing, its value, the limit. Holds no header, token or path query.
    public let message: String
    /// Whether the same attempt may succeed later.
    public let isRetriable: Bool
    /// The status that refused the upgrade.
    public let httpStatus: Int?
    /// The seconds of a `Retry-After` header that came with the refusal.
    public let retryAfterSeconds: Int?

    public init(
        _ code: Code, _ message: String, isRetriable: Bool = false, httpStatus: Int? = nil,
        retryAfterSeconds: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
        self.httpStatus = httpStatus
        self.retryAfterSeconds = retryAfterSeconds
    }

    public var description: String { "\(self.code.rawValue): \(self.message)" }
}
