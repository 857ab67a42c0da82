import CLibWebSockets
import Foundation

/// One attempt to connect, and the WebSocket when it succeeds: TCP, then TLS, then the upgrade, then frames.
final class ClientLink: FrameLink, @unchecked Sendable {
    private enum Stage {
        case connecting
        case securing
        case upgrading(ResponseHeadParser)
        case open
    }

    private let target: WebSocketTarget
    private let handshake: ClientHandshake
    private var connector: ClientConnector?
    private var tls: TLSSession?
    private var stage = Stage.connecting

    /// - Parameter descriptor: a socket that has begun to connect; the link's from now on.
    init(socket: WebSocket, target: WebSocketTarget, connector: ClientConnector, descriptor: Int32) {
        self.target = target
        self.handshake = ClientHandshake(target)
        self.connector = connector
        super.init(socket: socket, peer: .server, descriptor: descriptor, isEncrypted: false)
        SocketOptions.prepare(
            descriptor, sendBufferBytes: SocketOptions.clientSendBufferBytes, unacknowledged: target.hangUp)
    }

    func start() {
        guard let library = self.loop.library else {
            return self.neverBegun(self.target.unreachable("the event loop has ended"))
        }
        if self.target.isEncrypted {
            let context = library.clientTLS(authorityFile: self.target.certificateAuthorityFile)
            self.tls = context.flatMap { TLSSession($0, host: self.target.host) }
            guard self.tls != nil else {
                return self.neverBegun(TransportError(.tls, "the certificate authorities cannot be read"))
            }
        }
        guard library.poller.add(self, self.descriptor) else {
            return self.attemptFailed(self.target.unreachable("the kernel watches no more descriptors"))
        }
        // To read would take the reason of a failure away.
        self.flow(isReading: false)
        self.requestWritable()
    }

    override func handle(_ reason: lws_callback_reasons, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int32 {
        switch (reason, self.stage) {
        case (LWS_CALLBACK_RAW_WRITEABLE, .open): return self.writable()
        case (LWS_CALLBACK_RAW_WRITEABLE, .connecting): return self.connected() ? 0 : -1
        case (LWS_CALLBACK_RAW_WRITEABLE, _): return self.flushHeld() ? 0 : -1
        case (LWS_CALLBACK_RAW_RX, _):
            return self.take(UnsafeMutableRawBufferPointer(start: bytes, count: count)) ? 0 : -1
        case (LWS_CALLBACK_RAW_CLOSE, .connecting): _ = self.isConnected()
        default: break
        }
        return 0
    }

    override func destroyed() {
        // An attempt that failed has said so: the socket may be another attempt's by now.
        switch self.stage {
        case .open: self.socket.gone()
        case .connecting: self.attemptFailed(self.target.unreachable("connection lost"))
        case .securing, .upgrading: self.attemptFailed(Self.closedEarly)
        }
    }

    override func setReading(_ isReading: Bool) {
        // A handshake is not the peer's messages: it goes on.
        if case .open = self.stage { super.setReading(isReading) }
    }

    // MARK: Failing

    private static let closedEarly = TransportError(
        .handshake, "the peer closed before it answered the upgrade", isRetriable: true)

    private func neverBegun(_ error: TransportError) {
        close(self.descriptor)
        self.attemptFailed(error)
    }

    private func attemptFailed(_ error: TransportError) {
        guard let connector = self.connector else { return }
        self.connector = nil
        connector.attemptFailed(error)
    }

    // MARK: Opening; each returns false to close

    private func isConnected() -> Bool {
        guard let error = OutgoingSocket.error(of: self.descriptor) else { return true }
        self.attemptFailed(self.target.unreachable(error.text))
        return false
    }

    private func connected() -> Bool {
        guard self.isConnected(), self.socket.isConnecting else { return false }
        self.flow(isReading: true)
        guard let tls = self.tls else { return self.sendRequest() }
        self.stage = .securing
        return self.secure(tls)
    }

    private func secure(_ tls: TLSSession) -> Bool {
        let progress = tls.handshake()
        let isWritten = self.drain(tls)
        switch progress {
        case .established: return isWritten && self.sendRequest()
        case .waiting: return isWritten
        case .failed(let text):
            self.attemptFailed(TransportError(.tls, "\(self.target.host): \(text)"))
            return false
        }
    }

    private func sendRequest() -> Bool {
        self.stage = .upgrading(ResponseHeadParser())
        return self.handshake.request.withUnsafeBytes { self.write($0) }
    }

    private func takeAnswer(_ bytes: UnsafeMutableRawBufferPointer, _ parser: ResponseHeadParser) -> Bool {
        var parser = parser
        do throws(TransportError) {
            let head = try self.handshake.read(UnsafeRawBufferPointer(bytes), with: &parser)
            self.stage = .upgrading(parser)
            guard let head else { return true }
            try self.handshake.check(head)
        } catch {
            self.attemptFailed(error)
            return false
        }
        return self.open(rest: parser.rest)
    }

    private func open(rest: [UInt8]) -> Bool {
        guard let connector = self.connector, self.socket.isConnecting else { return false }
        self.connector = nil
        self.stage = .open
        connector.opened()
        if self.socket.isPaused { self.setReading(false) }
        return self.begin(remoteAddress: NumericAddress.peer(of: self.descriptor), rest: rest)
    }

    // MARK: Bytes

    /// False to close.
    private func take(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        guard let tls = self.tls else { return self.takePlain(bytes) }
        guard tls.feed(UnsafeRawBufferPointer(bytes)) else { return false }
        if !tls.isEstablished {
            guard self.secure(tls) else { return false }
        }
        return !tls.isEstablished || self.decrypt(tls)
    }

    private func decrypt(_ tls: TLSSession) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: TLSSession.recordBytes, alignment: 16) { buffer in
            while true {
                switch tls.read(into: buffer) {
                case .bytes(let count):
                    let plain = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
                    guard self.takePlain(plain) else { return false }
                case .nothing: return self.drain(tls)
                case .end: return false
                }
            }
        }
    }

    private func takePlain(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        switch self.stage {
        case .open: self.receive(bytes)
        case .upgrading(let parser): self.takeAnswer(bytes, parser)
        case .connecting, .securing: false
        }
    }

    override func put(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let tls = self.tls else { return super.put(bytes) }
        return tls.write(bytes) && self.drain(tls)
    }

    override func endOutput() {
        guard let tls = self.tls else { return }
        tls.end()
        _ = self.drain(tls)
    }

    private func drain(_ tls: TLSSession) -> Bool {
        tls.drainOutput { super.put($0) }
    }
}
