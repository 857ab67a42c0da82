/// What a server serves.
public protocol ServerApplication: Sendable {
    /// Says whether a request becomes a WebSocket. Called on the connection's loop, before the upgrade is answered.
    func decide(_ upgrade: HTTPRequestHead, on loop: EventLoop) -> UpgradeDecision
    /// The largest body this request may carry, in bytes; 0 when it may carry none. Called on the connection's loop.
    func bodyLimit(for head: HTTPRequestHead) -> Int
    /// Answers a plain request. Runs in a task of its own, which is cancelled when the client goes away.
    func respond(to request: HTTPRequest) async -> HTTPResponse
}

/// The answer to a request for an upgrade.
public enum UpgradeDecision: Sendable {
    /// Open the socket. `subprotocol` is sent back when given; it should be one that the client listed.
    case accept(any WebSocketHandler, subprotocol: String?)
    /// Stay HTTP and answer this.
    case refuse(HTTPResponse)
}
