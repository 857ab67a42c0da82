import Interviews
import JSON
import Providers
import Studio

/// What the outside is told when a request cannot be served: the one shape of every refusal and error of the API.
public struct ErrorResponse: Error, Sendable, Equatable {
    /// What is wrong with one field of a request.
    public struct FieldError: Sendable, Equatable {
        public let field: String
        public let message: String

        public init(field: String, message: String) {
            self.field = field
            self.message = message
        }
    }

    public var status: Int
    /// For programs, in snake case.
    public var code: String
    /// One sentence for people: what is wrong, and the limit or setting that says so. Never a path, a key or a prompt.
    public var message: String
    public var fields: [FieldError]
    /// Seconds after which to try again.
    public var retryAfterSeconds: Int?
    /// Methods that the path has, for 405.
    public var allow: [String]

    public init(
        _ status: Int, _ code: String, _ message: String, fields: [FieldError] = [], retryAfterSeconds: Int? = nil,
        allow: [String] = []
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        self.retryAfterSeconds = retryAfterSeconds
        self.allow = allow
    }

    /// The body. The sentence stands under three names, because clients in the field read one or another.
    public func body(requestID: String) -> JSONValue {
        [
            "type": "error",
            "error": .string(self.message),
            "message": .string(self.message),
            "detail": .string(self.message),
            "code": .string(self.code),
            "errors": .array(
                self.fields.map { ["field": .string($0.field), "message": .string($0.message)] }),
            "request_id": .string(requestID),
        ]
    }

    /// The headers that go with the status.
    public var headers: [(String, String)] {
        var headers: [(String, String)] = []
        if let seconds = self.retryAfterSeconds { headers.append(("retry-after", String(max(1, seconds)))) }
        if !self.allow.isEmpty { headers.append(("allow", self.allow.joined(separator: ", "))) }
        if self.status == 401 { headers.append(("www-authenticate", "Bearer")) }
        if self.status == 426 {
            headers += [("upgrade", "websocket"), ("sec-websocket-version", "13")]
        }
        return headers
    }
}

extension ErrorResponse {
    /// Maps an error of any module to the outside. What is not known here becomes `internal`, with nothing of its text.
    public init(mapping error: any Error) {
        switch error {
        case let error as ErrorResponse: self = error
        case let error as StoreError: self.init(error)
        case let error as InterviewError: self.init(error)
        case let error as ProviderError: self.init(error)
        case let error as InvalidInput: self.init(error)
        case let error as JSONError: self = .badRequest("the body is \(error.description)", code: "bad_json")
        case is CancellationError: self = .unavailable("the request was given up")
        default: self = ErrorResponse(500, "internal", "something went wrong on this side; it has been logged")
        }
    }

    /// Refusals with a fixed sentence, for `vaani explain`; those that name a value are made where they arise.
    public static let registry: [ErrorResponse] = [
        .badUserID, .notAWebSocket, .originNotAllowed, .operatorsOnly, .otherUser, .full, .draining, .tooManyOfUser,
        .tooManyHandshakes(retryAfter: 1), .notFound, .noSuchRecord, .changed, ErrorResponse(401, TokenFault.missing),
        ErrorResponse(401, TokenFault.expired), ErrorResponse(.notConfigured), .capabilityDisabled,
    ]

    static let notFound = ErrorResponse(404, "not_found", "there is nothing at this path")
    static let badUserID = ErrorResponse(
        400, "bad_user_id", "a user id is 1 to \(UserID.maxLength) of the letters, digits and . _ : @ -")
    static let notAWebSocket = ErrorResponse(
        426, "upgrade_required", "this is a WebSocket endpoint: connect with ws:// or wss://")
    static let originNotAllowed = ErrorResponse(
        403, "origin_not_allowed", "pages of this origin may not connect; the setting origins lists those that may")
    static let operatorsOnly = ErrorResponse(
        403, "forbidden", "this is for operators: the machine itself, or a token with the scope admin")
    static let otherUser = ErrorResponse(403, "wrong_user", "the token is for another user than the path names")
    static let full = ErrorResponse(
        503, "full", "all sessions are taken; try again later", retryAfterSeconds: 10)
    static let draining = ErrorResponse(
        503, "draining", "this server is about to stop; connect again to reach another", retryAfterSeconds: 2)
    static let tooManyOfUser = ErrorResponse(
        429, "too_many_sessions", "this user has as many sessions open as one may have", retryAfterSeconds: 10)

    init(_ status: Int, _ fault: TokenFault) {
        self.init(status, fault.code, fault.description)
    }

    static func tooManyHandshakes(retryAfter seconds: Double) -> ErrorResponse {
        ErrorResponse(
            429, "rate_limited", "too many connections from this address",
            retryAfterSeconds: Int(seconds.rounded(.up)))
    }

    static func notAllowed(_ methods: [String]) -> ErrorResponse {
        ErrorResponse(
            405, "method_not_allowed", "this path takes \(methods.joined(separator: ", "))", allow: methods)
    }

    static func badRequest(_ message: String, code: String = "bad_request") -> ErrorResponse {
        ErrorResponse(400, code, message)
    }

    static func invalid(_ fields: [FieldError]) -> ErrorResponse {
        ErrorResponse(
            422, "validation_failed", fields.map { "\($0.field): \($0.message)" }.joined(separator: "; "),
            fields: fields)
    }

    static func unavailable(_ message: String) -> ErrorResponse {
        ErrorResponse(503, "unavailable", message, retryAfterSeconds: 2)
    }
}
