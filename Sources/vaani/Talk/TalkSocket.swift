import Transport

/// Turns a socket's callbacks into a sequence of events.
final class TalkSocket: WebSocketHandler {
    enum Event: Sendable {
        case opened(WebSocket)
        case message([UInt8])
        case closed(WebSocketClose)
    }

    let events: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    init() {
        // Bounded by what a person can listen to: 256 unread messages are minutes of speech.
        (self.events, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(256))
    }

    func opened(_ socket: WebSocket) { self.continuation.yield(.opened(socket)) }
    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        self.continuation.yield(.message(Array(text)))
    }
    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {}
    func drained(_ socket: WebSocket) {}

    func closed(_ socket: WebSocket, _ close: WebSocketClose) {
        self.continuation.yield(.closed(close))
        self.continuation.finish()
    }
}
