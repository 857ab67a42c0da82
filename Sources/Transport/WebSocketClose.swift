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
    ///
    /// The library shows codes 1004, 1012, 1013, 1014 and 1016-2999 of a peer as 1002, so 1002 with cause ``Cause/peer``
    /// may also mean "restarting" or "try again later": a client should treat it as worth another attempt.
    public var code: Int
    public var reason: String
    public var cause: Cause

    public init(code: Int, reason: String, cause: Cause) {
        self.code = code
        self.reason = reason
        self.cause = cause
    }
}
