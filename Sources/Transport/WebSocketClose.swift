/// How a WebSocket ended.
public struct WebSocketClose: Sendable, Equatable {
    /// Who or what ended it.
    public enum Cause: Sendable, Equatable {
        /// The peer sent a close frame.
        case peer
        /// This side asked for it, or refused what the peer sent.
        case local
        /// The peer was silent for too long, or took nothing for too long.
        case timeout
        /// The connection broke, or the peer left, with no close frame.
        case reset
        /// A client connection that never opened.
        case connectFailed(TransportError)
    }

    /// The code of the close frame, 1005 when the frame had none, 1006 when there was no frame.
    public var code: Int
    public var reason: String
    public var cause: Cause

    public init(code: Int, reason: String, cause: Cause) {
        self.code = code
        self.reason = reason
        self.cause = cause
    }
}
