/// Every code that ends a client's WebSocket.
public enum CloseCode: Int, Sendable, CaseIterable {
    case done = 1000
    case goingAway = 1001
    case protocolError = 1002
    case unsupportedData = 1003
    case invalidText = 1007
    case policyViolation = 1008
    case tooLarge = 1009
    case internalError = 1011
    case restart = 1012
    case overloaded = 1013
    case badMessages = 4400
    case tokenExpired = 4401
    case forbidden = 4403
    case idle = 4408
    case superseded = 4409
    case audioQuota = 4413
    case flood = 4429
    case sessionLength = 4440
    case upstreamRefused = 4502
    case upstreamTimeout = 4504

    public var meaning: String {
        switch self {
        case .done: "The conversation is over."
        case .goingAway: "The client or the gateway leaves."
        case .protocolError: "The peer broke the WebSocket protocol (RFC 6455)."
        case .unsupportedData: "Binary frames were sent to a session that takes text frames only."
        case .invalidText: "A text frame was not UTF-8."
        case .policyViolation: "A message came in too many fragments."
        case .tooLarge: "A message was longer than the limit."
        case .internalError: "A fault of the gateway."
        case .restart: "The gateway drains or restarts."
        case .overloaded: "There is no room, or the model is down."
        case .badMessages: "Too many messages that could not be understood."
        case .tokenExpired: "The token has expired or was revoked."
        case .forbidden: "The user may not do this."
        case .idle: "Nothing was heard for too long, or the client read too slowly."
        case .superseded: "The same user has opened a newer connection."
        case .audioQuota: "More audio than the user may send."
        case .flood: "More messages than a client may send."
        case .sessionLength: "The session has reached its greatest length."
        case .upstreamRefused: "The model refused the session."
        case .upstreamTimeout: "The model did not answer in time."
        }
    }

    /// Whether a client should connect again by itself. Also after 1006, which no peer sends.
    public var isRetriable: Bool {
        switch self {
        case .goingAway, .internalError, .restart, .overloaded: true
        default: false
        }
    }
}
