import CLibWebSockets
import Foundation

/// A stream that carries a WebSocket: frames to bytes and back.
///
/// Ours and not the library's, on both sides: libwebsockets 4.1.6 lets a message overtake the answer to a ping, and
/// reads 4 bytes of /dev/urandom for each frame that it masks.
class FrameLink: StreamOwner, WebSocketLink, @unchecked Sendable {
    let socket: WebSocket
    private let peer: FrameReader.Peer
    private var reader: FrameReader
    private var pings = PingBudget(now: .now)
    private var isPaused = false
    // What had arrived when reading was paused.
    private var unread: [UInt8] = []
    private var phase = Phase.open
    private var ignoresPings = false
    // The latest one that was not answered.
    private var ignoredPing: [UInt8]?
    private var endsOutputWhenWritten = false

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

    init(socket: WebSocket, peer: FrameReader.Peer, descriptor: Int32, isEncrypted: Bool) {
        self.socket = socket
        self.peer = peer
        self.reader = FrameReader(of: peer)
        super.init(loop: socket.loop, descriptor: descriptor, isEncrypted: isEncrypted)
        socket.attach(self)
        self.loop.live.links.increment()
    }

    deinit {
        self.loop.live.links.decrement()
    }

    /// Opens the socket and reads what came after the handshake; false to close.
    func begin(remoteAddress: String, rest: [UInt8]) -> Bool {
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

    // MARK: Reading

    /// False to close.
    func receive(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        self.socket.heard()
        guard self.unread.isEmpty else {
            // They come after what waits.
            self.unread.append(contentsOf: bytes)
            return true
        }
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
            self.endOutput()
            return result < 0 ? result : self.hangUpWhenWritten()
        }
    }

    private func answerPing(_ payload: [UInt8]) -> Int32 {
        guard !self.ignoresPings else {
            self.ignoredPing = payload
            return 0
        }
        // To one who does not read, one answer that waits is enough (RFC 6455 section 5.5.3).
        guard self.phase == .open, !self.hasPartialWrite else { return 0 }
        return self.writeFrame(.pong, payload) ? 0 : -1
    }

    private func takeClose(_ body: [UInt8]) -> Int32 {
        guard self.phase == .open else { return self.endStream() }
        let result = body.withUnsafeBytes { self.socket.receiveClose($0) }
        guard result == 0 else { return result }
        // Not well-formed: the answer is on its way, and no other close frame will come.
        guard self.phase == .open else { return self.endStream() }
        guard self.writeFrame(.close, Array(body.prefix(2))) else { return -1 }
        return self.endStream()
    }

    /// Nothing more to say or to hear: closes when all is written.
    private func endStream() -> Int32 {
        self.phase = .done
        self.endOutput()
        return self.hasHeld ? 0 : -1
    }

    // MARK: Writing

    func writable() -> Int32 {
        guard self.flushHeld() else { return -1 }
        if self.endsOutputWhenWritten { return self.hangUpWhenWritten() }
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

    // While the loop was held up, bytes may have come that nobody has read yet.
    var silence: Duration? { SocketOptions.silence(of: self.descriptor) }

    func flushPartialWrite() -> Bool { !self.hasHeld || self.flushHeld() }

    func write(_ kind: SendQueue.Kind, _ bytes: UnsafeRawBufferPointer) -> Bool {
        self.writeFrame(kind == .text ? .text : .binary, bytes)
    }

    func writePing() -> Bool {
        self.writeFrame(.ping, [])
    }

    private func writeFrame(_ opcode: FrameWriter.Opcode, _ payload: [UInt8]) -> Bool {
        payload.withUnsafeBytes { self.writeFrame(opcode, $0) }
    }

    private func writeFrame(_ opcode: FrameWriter.Opcode, _ payload: UnsafeRawBufferPointer) -> Bool {
        guard self.peer == .server else {
            return self.write(payload, after: FrameWriter.header(opcode, count: payload.count))
        }
        let key = self.loop.maskKeys.next()
        let header = FrameWriter.header(opcode, count: payload.count, maskKey: key)
        return self.write(payload, after: header, masked: Mask(key: key))
    }

    func writeClose(_ frame: CloseFrame) -> Int32 {
        guard self.phase == .open else { return 0 }
        self.phase = .closing
        let body = [UInt8(frame.code >> 8), UInt8(frame.code & 0xFF)] + Array(frame.reason.utf8)
        return self.writeFrame(.close, body) ? 0 : -1
    }

    override func setReading(_ isReading: Bool) {
        self.isPaused = !isReading
        super.setReading(isReading)
        guard isReading, !self.unread.isEmpty else { return }
        // Later, and not within the call: the handler may be in the midst of a message.
        self.loop.execute { self.readAgain() }
    }

    private func readAgain() {
        guard self.isAttached, !self.isPaused else { return }
        var bytes = self.unread
        self.unread = []
        if !bytes.withUnsafeMutableBytes({ self.receive($0) }) { self.kill() }
    }
}

// MARK: Faults on request

extension FrameLink {
    func inject(_ fault: WireFault) {
        switch fault {
        case .ignorePings: self.ignoresPings = true
        case .answerPings:
            self.ignoresPings = false
            if let ping = self.ignoredPing, !self.hasPartialWrite { _ = self.writeFrame(.pong, ping) }
            self.ignoredPing = nil
        case .bytes(let bytes): if !bytes.withUnsafeBytes({ self.write($0) }) { self.kill() }
        case .endOutput:
            self.endsOutputWhenWritten = true
            _ = self.hangUpWhenWritten()
        case .reset:
            SocketOptions.resetWhenClosed(self.descriptor)
            self.kill()
        }
    }
}
