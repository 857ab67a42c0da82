import CLibWebSockets
import Foundation

/// The library's side of one attempt to connect, and of the WebSocket when it succeeds.
final class ClientLink: SocketOwner, WebSocketLink, @unchecked Sendable {
    private let socket: WebSocket
    private let target: WebSocketTarget
    private var connector: ClientConnector?
    private var isOpen = false
    // Waits for the callback in which the library may be told to send it.
    private var closeFrame: CloseFrame?

    init(socket: WebSocket, target: WebSocketTarget, connector: ClientConnector) {
        self.target = target
        self.connector = connector
        self.socket = socket
        super.init(loop: socket.loop)
        socket.attach(self)
        self.loop.live.links.increment()
    }

    deinit {
        self.loop.live.links.decrement()
    }

    func connect(to address: String) {
        guard let library = self.loop.library,
            let vhost = library.clientVHost(authorityFile: self.target.certificateAuthorityFile)
        else { return self.attemptFailed(TransportError(.tls, "the certificate authorities cannot be read")) }
        self.loop.keep(self)
        let protocols = self.target.subprotocols.joined(separator: ",")
        address.withCString { address in
            self.target.hostHeader.withCString { host in
                self.target.path.withCString { path in
                    protocols.withCString { protocols in
                        var info = lws_client_connect_info()
                        info.context = library.pointer
                        info.vhost = vhost
                        info.address = address
                        info.port = Int32(self.target.port)
                        info.ssl_connection = self.target.isEncrypted ? Int32(LCCSCF_USE_SSL.rawValue) : 0
                        info.host = host
                        info.path = path
                        info.protocol = self.target.subprotocols.isEmpty ? nil : protocols
                        self.start(&info)
                    }
                }
            }
        }
    }

    private func start(_ info: inout lws_client_connect_info) {
        "vaani".withCString { name in
            "http/1.1".withCString { alpn in
                info.local_protocol_name = name
                info.alpn = alpn
                info.ietf_version_or_minus_one = -1
                info.opaque_user_data = Unmanaged.passUnretained(self).toOpaque()
                let connection = lws_client_connect_via_info(&info)
                guard connection == nil, self.connection == nil else { return }
                self.loop.release(self)
                self.attemptFailed(self.unreachable("connection not begun"))
            }
        }
    }

    override func handle(_ reason: lws_callback_reasons, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int32 {
        switch reason {
        case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: return self.appendHeaders(bytes, room: count)
        case LWS_CALLBACK_CLIENT_CONNECTION_ERROR: self.attemptFailed(self.classify(bytes, count))
        case LWS_CALLBACK_CLIENT_ESTABLISHED: return self.established()
        case LWS_CALLBACK_CLOSED_CLIENT_HTTP: self.attemptFailed(Self.closedEarly)
        case LWS_CALLBACK_CLIENT_RECEIVE: self.receive(bytes, count)
        case LWS_CALLBACK_CLIENT_WRITEABLE: return self.writable()
        case LWS_CALLBACK_CLIENT_RECEIVE_PONG: self.socket.heard()
        case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
            let body = UnsafeRawBufferPointer(start: bytes, count: count)
            _ = self.socket.receiveClose(body)
            // The library would send it back as it is.
            if CloseFrame(body) == nil { self.kill() }
        case LWS_CALLBACK_CLIENT_CLOSED: self.socket.gone()
        default: break
        }
        return 0
    }

    /// Never ends the connection: libwebsockets 4.1.6 goes on filling its buffer, beyond its end, when this callback asks
    /// it to close. What is refused here is closed from ``writable()``.
    private func receive(_ bytes: UnsafeMutableRawPointer?, _ count: Int) {
        guard let connection = self.connection else { return }
        let piece = MessageAssembler.Piece(
            isBinary: lws_frame_is_binary(connection) != 0,
            remainingInFrame: Int(clamping: lws_remaining_packet_payload(connection)),
            isFinalFragment: lws_is_final_fragment(connection) != 0, count: count)
        self.socket.heard()
        _ = self.socket.receive(UnsafeRawBufferPointer(start: bytes, count: count), piece)
    }

    private func writable() -> Int32 {
        let result = self.socket.writable()
        guard result >= 0, let frame = self.closeFrame, let connection = self.connection else { return result }
        self.closeFrame = nil
        var reason = Array(frame.reason.utf8)
        lws_close_reason(connection, lws_close_status(UInt32(frame.code)), &reason, reason.count)
        return -1
    }

    override func destroyed() {
        // An attempt that failed has said so: the socket may be another attempt's by now.
        if self.isOpen { self.socket.gone() } else { self.attemptFailed(Self.closedEarly) }
    }

    private static let closedEarly = TransportError(
        .handshake, "the peer closed before it answered the upgrade", isRetriable: true)

    private func established() -> Int32 {
        guard let connector = self.connector, self.socket.isConnecting else { return -1 }
        self.connector = nil
        self.isOpen = true
        connector.opened()
        if let descriptor = self.descriptor {
            SocketOptions.prepare(
                descriptor, sendBufferBytes: SocketOptions.clientSendBufferBytes, unacknowledged: self.target.hangUp)
        }
        self.socket.open(remoteAddress: self.descriptor.map(NumericAddress.peer) ?? "")
        return 0
    }

    private func attemptFailed(_ error: TransportError) {
        guard let connector = self.connector else { return }
        self.connector = nil
        connector.attemptFailed(error)
    }

    private func appendHeaders(_ bytes: UnsafeMutableRawPointer?, room: Int) -> Int32 {
        guard let bytes else { return 0 }
        let cursor = bytes.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>.self)
        let lines = self.target.headers.map { "\($0): \($1)\r\n" }.joined().utf8
        // A request without its credentials would be refused for a wrong reason.
        guard lines.count < room else { return -1 }
        for byte in lines {
            cursor.pointee.pointee = byte
            cursor.pointee += 1
        }
        return 0
    }

    // MARK: What went wrong

    private func classify(_ bytes: UnsafeMutableRawPointer?, _ count: Int) -> TransportError {
        let text = String(
            decoding: UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count), as: UTF8.self
        )
        .prefix { $0 != "\0" }
        if text.hasPrefix("HS:"), let connection = self.connection {
            let status = Int(lws_http_client_http_response(connection))
            if status > 0, status != 101 { return self.refused(status, connection) }
            return TransportError(.handshake, "the peer's handshake: \(text.dropFirst(4))")
        }
        if text.contains("cert") || text.contains("tls") || text.contains("SSL") || text.contains("ssl") {
            return TransportError(.tls, "\(self.target.host): \(text)")
        }
        if text.contains("closed before established") || text.contains("hung up") || text.contains("read failed") {
            return Self.closedEarly
        }
        return self.unreachable(text)
    }

    private func unreachable(_ text: some StringProtocol) -> TransportError {
        TransportError(.unreachable, "\(self.target.host):\(self.target.port): \(text)", isRetriable: true)
    }

    private func refused(_ status: Int, _ connection: OpaquePointer) -> TransportError {
        var value = [CChar](repeating: 0, count: 32)
        let length = lws_hdr_copy(connection, &value, Int32(value.count), WSI_TOKEN_HTTP_RETRY_AFTER)
        let text = String(decoding: value.prefix(Int(max(0, length))).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return TransportError(
            .upgradeRefused, "\(self.target.host) refused the upgrade with status \(status)",
            isRetriable: status == 429 || status >= 500, httpStatus: status, retryAfterSeconds: Int(text))
    }

    // MARK: Frames out

    var hasPartialWrite: Bool {
        guard let connection = self.connection else { return false }
        return lws_partial_buffered(connection) != 0
    }

    // The library says it is writable only when its remainder has left.
    func flushPartialWrite() -> Bool { true }

    func write(_ kind: SendQueue.Kind, _ bytes: UnsafeRawBufferPointer) -> Bool {
        self.write(bytes, kind == .text ? LWS_WRITE_TEXT : LWS_WRITE_BINARY)
    }

    func writePing() -> Bool {
        self.write(UnsafeRawBufferPointer(start: nil, count: 0), LWS_WRITE_PING)
    }

    private func write(_ bytes: UnsafeRawBufferPointer, _ type: lws_write_protocol) -> Bool {
        guard let connection = self.connection else { return false }
        return self.loop.scratch.withCopy(of: bytes) { lws_write(connection, $0, $1, type) } >= bytes.count
    }

    func writeClose(_ frame: CloseFrame) -> Int32 {
        self.closeFrame = frame
        self.requestWritable()
        return 0
    }

    // The library tells of no ping, and of nothing that it has not read yet.
    var silence: Duration? { self.descriptor.flatMap(SocketOptions.silence) }

    private var descriptor: Int32? {
        guard let connection = self.connection else { return nil }
        let descriptor = lws_get_socket_fd(connection)
        return descriptor >= 0 ? descriptor : nil
    }
}
