import Synchronization
import Transport

/// A WebSocket server that plays the model's part in a test: it greets as told, keeps what it gets, closes as told.
final class ScriptedModel: ServerApplication, WebSocketHandler {
    struct Script: Sendable {
        var refusal: HTTPResponse?
        var greeting: [String] = []
        /// Closes with this code when it has greeted.
        var closeCode: Int?
    }

    private let script: Script
    private let heard = Mutex<[String]>([])
    private let counted = Mutex(0)
    private let head = Mutex<HTTPRequestHead?>(nil)

    init(_ script: Script = Script()) {
        self.script = script
    }

    var requestHead: HTTPRequestHead? { self.head.withLock { $0 } }
    var received: [String] { self.heard.withLock { $0 } }
    /// Connections that were asked for, refused ones included.
    var attempts: Int { self.counted.withLock { $0 } }

    func decide(_ upgrade: HTTPRequestHead, on loop: EventLoop) -> UpgradeDecision {
        self.counted.withLock { $0 += 1 }
        self.head.withLock { $0 = upgrade }
        return self.script.refusal.map { .refuse($0) } ?? .accept(self, subprotocol: nil)
    }

    func bodyLimit(for head: HTTPRequestHead) -> Int { 0 }
    func respond(to request: HTTPRequest) async -> HTTPResponse { HTTPResponse(status: 404) }

    func opened(_ socket: WebSocket) {
        for text in self.script.greeting { _ = socket.send(text: Array(text.utf8)) }
        if let code = self.script.closeCode { socket.close(code: code, reason: "scripted") }
    }

    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        self.heard.withLock { $0.append(String(decoding: text, as: UTF8.self)) }
        _ = socket.send(text: Array(#"{"type":"input_audio_buffer.cleared"}"#.utf8))
    }

    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {}
    func drained(_ socket: WebSocket) {}
    func closed(_ socket: WebSocket, _ close: WebSocketClose) {}
}
