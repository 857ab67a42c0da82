/// Receives what happens on one WebSocket, always on the socket's event loop.
public protocol WebSocketHandler: AnyObject, Sendable {
    /// The handshake is done: messages may be sent.
    func opened(_ socket: WebSocket)
    /// A whole text message, valid UTF-8. The bytes are borrowed for the call.
    func received(text: UnsafeRawBufferPointer, from socket: WebSocket)
    /// A whole binary message. The bytes are borrowed for the call.
    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket)
    /// The send queue had been above its low-water mark and fell below it.
    func drained(_ socket: WebSocket)
    /// The socket is gone. Called exactly once, also for a connection that never opened.
    func closed(_ socket: WebSocket, _ close: WebSocketClose)
}
