import Transport

/// Accepts every upgrade and echoes.
struct EchoApplication: ServerApplication {
    func decide(_ upgrade: HTTPRequestHead, on loop: EventLoop) -> UpgradeDecision {
        .accept(EchoHandler(), subprotocol: nil)
    }

    func bodyLimit(for head: HTTPRequestHead) -> Int { 0 }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        HTTPResponse(status: 200, headers: [], body: .bytes(Array("echo\n".utf8)))
    }
}

/// Sends every message back as it came; tells `whenClosed` once.
final class EchoHandler: WebSocketHandler {
    private let whenClosed: @Sendable () -> Void

    init(whenClosed: @escaping @Sendable () -> Void = {}) {
        self.whenClosed = whenClosed
    }

    func opened(_ socket: WebSocket) {}

    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        _ = socket.send(text: Array(text))
    }

    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {
        _ = socket.send(binary: Array(binary))
    }

    func drained(_ socket: WebSocket) {}

    func closed(_ socket: WebSocket, _ close: WebSocketClose) {
        self.whenClosed()
    }
}
