import CLibWebSockets
import Foundation
import Observability

/// A listening socket of one loop. Confined to it.
///
/// Our own and not the library's: `SO_REUSEPORT` gives every loop, and the next process of a rolling start, the same
/// port, and a full process can refuse with an answer.
final class Listener: SocketOwner, @unchecked Sendable {
    // Others of the loop get a turn after so many.
    private static let acceptsPerTurn = 64
    // With no descriptor left `accept` fails at once and the socket stays readable: waiting is all that helps.
    private static let pauseWhenExhausted: Duration = .milliseconds(100)

    private let port: ServerPort
    private let descriptor: Int32

    init(port: ServerPort, descriptor: Int32) {
        self.port = port
        self.descriptor = descriptor
        super.init(loop: port.loop)
    }

    override func handle(_ reason: lws_callback_reasons, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int32 {
        if reason == LWS_CALLBACK_RAW_RX_FILE { self.accept(atMost: Self.acceptsPerTurn) }
        return 0
    }

    func drainAndClose() {
        self.accept(atMost: .max)
        // New connections go to another listener of the port at once, if there is one.
        shutdown(self.descriptor, Int32(SHUT_RDWR))
        self.kill()
    }

    private func accept(atMost limit: Int) {
        for _ in 0..<limit {
            switch self.port.takeConnection(self.descriptor) {
            case .success(let accepted): self.port.accept(accepted)
            case .failure(let error):
                self.acceptFailed(error.number)
                return
            }
        }
    }

    private func acceptFailed(_ error: Int32) {
        guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error) else { return }
        self.port.countRefusal("descriptors")
        self.setReading(false)
        self.loop.schedule(after: Self.pauseWhenExhausted) { [weak self] in self?.setReading(true) }
    }
}

/// A number of `errno`.
struct SystemError: Error {
    let number: Int32

    var text: String { String(cString: strerror(self.number)) }

    /// The next connection of a listening socket.
    static func accept(_ listener: Int32) -> Result<Int32, SystemError> {
        let accepted = vaani_accept(listener)
        return accepted >= 0 ? .success(accepted) : .failure(SystemError(number: errno))
    }
}

/// Answers a connection that there is no room for.
enum Overload {
    private static let now = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)

    static func refuse(_ descriptor: Int32, retryAfterSeconds: Int) {
        let body = #"{"type":"error","code":"overloaded","message":"too many connections"}"#
        let text =
            "HTTP/1.1 503 Service Unavailable\r\nretry-after: \(retryAfterSeconds)\r\n"
            + "content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\nconnection: close\r\n\r\n\(body)"
        // What the client has sent already would turn the close into a reset, which may overtake the answer.
        var sink = [UInt8](repeating: 0, count: 4_096)
        _ = recv(descriptor, &sink, sink.count, Self.now)
        _ = Array(text.utf8).withUnsafeBytes {
            send(descriptor, $0.baseAddress, $0.count, Self.now)
        }
        shutdown(descriptor, Int32(SHUT_WR))
        close(descriptor)
    }
}
