/// Why a request got no whole answer. An answer with any status, 500 included, is none of these.
public struct HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A word that code may compare.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        /// The URL, the method or a header is none that can be sent; or a redirect leads to such a URL.
        public static let invalidRequest = Code(rawValue: "invalid_request")
        /// The name has no address, or the resolver gave no answer.
        public static let dns = Code(rawValue: "dns")
        /// No address took the connection.
        public static let connect = Code(rawValue: "connect")
        /// The connection broke before the answer was whole.
        public static let connectionLost = Code(rawValue: "connection_lost")
        /// The peer's certificate was not accepted, or TLS broke off.
        public static let tls = Code(rawValue: "tls")
        /// A deadline passed, or the answer came more slowly than is allowed.
        public static let timeout = Code(rawValue: "timeout")
        /// The answer is larger than the limit.
        public static let tooLarge = Code(rawValue: "too_large")
        /// The caller's task was cancelled, or the client was shut down.
        public static let cancelled = Code(rawValue: "cancelled")
        /// What came is no HTTP, or its encoding is broken.
        public static let `protocol` = Code(rawValue: "protocol")
        /// More requests are under way than the client takes.
        public static let busy = Code(rawValue: "busy")
    }

    public let code: Code
    /// One sentence for a person: host and port, what happened, the limit. Holds no path, query, header or body.
    public let message: String
    /// Whether the same request may succeed later. Says nothing of whether the first one had an effect.
    public let isRetriable: Bool
    /// The status of the answer that broke off.
    public let status: Int?

    public init(_ code: Code, _ message: String, isRetriable: Bool = false, status: Int? = nil) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
        self.status = status
    }

    public var description: String { "\(self.code.rawValue): \(self.message)" }

    static let cancelled = HTTPClientError(.cancelled, "the request was given up")
    static let shutDown = HTTPClientError(.cancelled, "the client was shut down")
}
