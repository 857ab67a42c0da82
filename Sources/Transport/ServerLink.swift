import CLibWebSockets
import Foundation

/// An accepted stream that has become a WebSocket: frames to bytes and back.
final class ServerLink: StreamOwner, WebSocketLink, @unchecked Sendable {
    private let socket: WebSocket
    private let port: ServerPort
    private var reader = FrameReader()
    private var pings = PingBudget(now: .now)
    private var isPaused = false
    // What had arrived when reading was paused.
    private var unread: [UInt8] = []
    private var phase = Phase.open

    private enum Phase {
        case open
        /// Our close frame is out: only the peer's is of interest.
        case closing
        /// The stream cannot be read any more. It stays open until the peer closes or the socket's close timer ends it:
        /// a close that leaves bytes unread is a reset, which would overtake our close frame.
        case deaf
        /// Both close frames are out.
        case done
    }

    init(socket: WebSocket, port: ServerPort, replacing connection: ServerConnection) {
        self.socket = socket
        self.port = port
        super.init(loop: socket.loop, descriptor: connection.descriptor, isEncrypted: connection.isEncrypted)
        socket.attach(self)
        self.loop.live.links.increment()
    }

    deinit {
        self.loop.live.links.decrement()
    }

    /// Answers the handshake and opens the socket; false to close.
    func open(key: String, subprotocol: String?, remoteAddress: String, rest: [UInt8]) -> Bool {
        let answer = OpeningHandshake.answer(key: key, subprotocol: subprotocol)
        guard answer.withUnsafeBytes({ self.write($0) }) else { return false }
        self.socket.open(remoteAddress: remoteAddress)
        var rest = rest
        return rest.withUnsafeMutableBytes { self.receive($0) }
    }

    override func handle(_ reason: lws_callback_reasons, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int32 {
        switch reason {
        case LWS_CALLBACK_RAW_RX:
            return self.receive(UnsafeMutableRawBufferPointer(start: bytes, count: count)) ? 0 : -1
        case LWS_CALLBACK_RAW_WRITEABLE: return self.writable()
        default: return 0
        }
    }

    override func destroyed() {
        self.socket.gone()
        self.port.socketEnded(self.socket)
    }

    // MARK: Reading

    /// False to close.
    private func receive(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        self.socket.heard()
        var index = 0
        while self.phase == .open || self.phase == .closing {
            if self.isPaused {
                self.unread.append(contentsOf: bytes[index...])
                return true
            }
            let event = self.reader.next(bytes, from: &index)
            if case .needsMore = event { return true }
            guard self.take(event, bytes) >= 0 else { return false }
        }
        return true
    }

    private func take(_ event: FrameReader.Event, _ bytes: UnsafeMutableRawBufferPointer) -> Int32 {
        switch event {
        case .needsMore: return 0
        case .piece(let piece, let range):
            return self.socket.receive(UnsafeRawBufferPointer(rebasing: bytes[range]), piece)
        case .ping(let payload):
            guard self.pings.spend(at: .now) else { return self.socket.refuse(code: 1008, reason: "too many pings") }
            return self.answerPing(payload)
        case .pong:
            return self.pings.spend(at: .now) ? 0 : self.socket.refuse(code: 1008, reason: "too many pongs")
        case .close(let body): return self.takeClose(body)
        case .violation(let reason):
            let result = self.socket.refuse(code: 1002, reason: reason)
            self.phase = .deaf
            return result < 0 ? result : self.hangUpWhenWritten()
        }
    }

    private func answerPing(_ payload: [UInt8]) -> Int32 {
        // To one who does not read, one answer that waits is enough (RFC 6455 section 5.5.3).
        guard self.phase == .open, !self.hasPartialWrite else { return 0 }
        return FrameWriter.frame(.pong, payload).withUnsafeBytes { self.write($0) } ? 0 : -1
    }

    private func takeClose(_ body: [UInt8]) -> Int32 {
        guard self.phase == .open else { return self.endStream() }
        let result = body.withUnsafeBytes { self.socket.receiveClose($0) }
        guard result == 0 else { return result }
        // Not well-formed: the answer is on its way, and no other close frame will come.
        guard self.phase == .open else { return self.endStream() }
        let echo = FrameWriter.frame(.close, Array(body.prefix(2)))
        guard echo.withUnsafeBytes({ self.write($0) }) else { return -1 }
        return self.endStream()
    }

    /// Nothing more to say or to hear: closes when all is written.
    private func endStream() -> Int32 {
        self.phase = .done
        return self.hasHeld ? 0 : -1
    }

    // MARK: Writing

    private func writable() -> Int32 {
        guard self.flushHeld() else { return -1 }
        switch self.phase {
        case .open, .closing: return self.socket.writable()
        case .deaf: return self.hangUpWhenWritten()
        case .done: return self.hasHeld ? 0 : -1
        }
    }

    private func hangUpWhenWritten() -> Int32 {
        if !self.hasHeld { shutdown(self.descriptor, Int32(SHUT_WR)) }
        return 0
    }

    var hasPartialWrite: Bool { self.hasHeld }

    // Every byte is seen here, so the socket knows by itself.
    var silence: Duration? { nil }

    func flushPartialWrite() -> Bool { !self.hasHeld || self.flushHeld() }

    func write(_ kind: SendQueue.Kind, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let header = FrameWriter.header(kind == .text ? .text : .binary, count: bytes.count)
        return self.write(bytes, after: header)
    }

    func writePing() -> Bool {
        FrameWriter.frame(.ping, []).withUnsafeBytes { self.write($0) }
    }

    func writeClose(_ frame: CloseFrame) -> Int32 {
        guard self.phase == .open else { return 0 }
        self.phase = .closing
        let body = [UInt8(frame.code >> 8), UInt8(frame.code & 0xFF)] + Array(frame.reason.utf8)
        return FrameWriter.frame(.close, body).withUnsafeBytes { self.write($0) } ? 0 : -1
    }

    override func setReading(_ isReading: Bool) {
        self.isPaused = !isReading
        super.setReading(isReading)
        guard isReading, !self.unread.isEmpty else { return }
        // Later, and not within the call: the handler may be in the midst of a message.
        self.loop.execute { self.readAgain() }
    }

    private func readAgain() {
        guard self.connection != nil, !self.isPaused else { return }
        var bytes = self.unread
        self.unread = []
        if !bytes.withUnsafeMutableBytes({ self.receive($0) }) { self.kill() }
    }
}
