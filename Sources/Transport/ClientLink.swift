import CLibWebSockets
import Foundation

/// The library's side of one attempt to connect, and of the WebSocket when it succeeds.
final class ClientLink: WebSocketLink {
    private let target: WebSocketTarget
    private var connector: ClientConnector?

    init(socket: WebSocket, target: WebSocketTarget, connector: ClientConnector) {
        self.target = target
        self.connector = connector
        super.init(socket: socket)
        socket.attach(self)
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
        default: return super.handle(reason, bytes, count)
        }
        return 0
    }

    override func destroyed() {
        if self.connector == nil {
            super.destroyed()
        } else {
            self.attemptFailed(Self.closedEarly)
        }
    }

    private static let closedEarly = TransportError(
        .handshake, "the peer closed before it answered the upgrade", isRetriable: true)

    private func established() -> Int32 {
        guard let connector = self.connector, self.socket.isConnecting else { return -1 }
        self.connector = nil
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
}
