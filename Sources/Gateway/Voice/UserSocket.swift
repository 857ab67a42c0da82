import ClientProtocol
import RealtimeProtocol
import Sessions
import Transport

/// A user's WebSocket, as its session sees it.
struct UserSocket: Downstream {
    let socket: WebSocket

    func send(_ frame: [UInt8]) -> SendOutcome { Self.outcome(self.socket.send(text: frame)) }

    func send(binary frame: [UInt8]) -> SendOutcome { Self.outcome(self.socket.send(binary: frame)) }

    private static func outcome(_ result: SendResult) -> SendOutcome {
        switch result {
        case .sent: .sent
        case .buffered: .buffered
        case .dropped: .dropped
        case .closed: .closed
        }
    }

    var bufferedBytes: Int { self.socket.bufferedBytes }

    func pauseReading() { self.socket.pauseReading() }

    func resumeReading() { self.socket.resumeReading() }

    func close(_ code: CloseCode, reason: String) { self.socket.close(code: code.rawValue, reason: reason) }
}
