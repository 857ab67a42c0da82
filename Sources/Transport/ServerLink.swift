import CLibWebSockets

/// The library's side of an accepted WebSocket.
final class ServerLink: WebSocketLink {
    private let port: ServerPort
    private let subprotocol: String?
    private let remoteAddress: String

    init(socket: WebSocket, port: ServerPort, subprotocol: String?, remoteAddress: String) {
        self.port = port
        self.subprotocol = subprotocol
        self.remoteAddress = remoteAddress
        super.init(socket: socket)
        socket.attach(self)
    }

    override func handle(_ reason: lws_callback_reasons, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int32 {
        switch reason {
        // Only what this module wrote itself comes this way; anything else is not served.
        case LWS_CALLBACK_HTTP: return -1
        case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return self.confirmUpgrade()
        case LWS_CALLBACK_ADD_HEADERS: self.addSubprotocol(bytes)
        case LWS_CALLBACK_ESTABLISHED: self.socket.open(remoteAddress: self.remoteAddress)
        default: return super.handle(reason, bytes, count)
        }
        return 0
    }

    /// libwebsockets 4.1.6 calls this with freed headers when a second request has an unknown upgrade: nothing may be
    /// read before it is known that there is one.
    private func confirmUpgrade() -> Int32 {
        guard let connection = self.connection, lws_hdr_total_length(connection, WSI_TOKEN_UPGRADE) > 0 else {
            return -1
        }
        return 0
    }

    private func addSubprotocol(_ arguments: UnsafeMutableRawPointer?) {
        guard let subprotocol = self.subprotocol, subprotocol.utf8.allSatisfy(\.isToken), let arguments else { return }
        let room = arguments.assumingMemoryBound(to: lws_process_html_args.self)
        let line = Array("sec-websocket-protocol: \(subprotocol)\r\n".utf8)
        guard line.count < room.pointee.max_len else { return }
        for byte in line {
            room.pointee.p.pointee = CChar(bitPattern: byte)
            room.pointee.p += 1
        }
    }

    override func destroyed() {
        super.destroyed()
        self.port.socketEnded(self.socket)
    }
}

extension EventLoop {
    /// Gives the library a stream that it shall read as HTTP, `bytes` first.
    func adopt(_ link: WebSocketLink, _ descriptor: Int32, on vhost: OpaquePointer, reading bytes: [UInt8]) {
        self.keep(link)
        self.pendingOwner = link
        _ = bytes.withUnsafeBytes {
            lws_adopt_socket_vhost_readbuf(
                vhost, descriptor, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
        }
        self.pendingOwner = nil
        guard link.connection == nil else { return }
        // Refused before it had an owner, or already destroyed: then there is nothing left to do.
        self.release(link)
        link.socket.gone()
    }
}
