import CLibWebSockets
import Foundation

/// The library's side of a WebSocket: callbacks in, frames out.
class WebSocketLink: SocketOwner {
    let socket: WebSocket

    init(socket: WebSocket) {
        self.socket = socket
        super.init(loop: socket.loop)
        LiveObjects.links.increment()
    }

    deinit {
        LiveObjects.links.decrement()
    }

    override func handle(_ reason: lws_callback_reasons, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int32 {
        switch reason {
        case LWS_CALLBACK_RECEIVE, LWS_CALLBACK_CLIENT_RECEIVE: return self.receive(bytes, count)
        case LWS_CALLBACK_SERVER_WRITEABLE, LWS_CALLBACK_CLIENT_WRITEABLE: return self.socket.writable()
        case LWS_CALLBACK_RECEIVE_PONG, LWS_CALLBACK_CLIENT_RECEIVE_PONG: self.socket.receivedPong()
        case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
            return self.socket.receiveClose(UnsafeRawBufferPointer(start: bytes, count: count))
        case LWS_CALLBACK_CLOSED, LWS_CALLBACK_CLIENT_CLOSED: self.socket.gone()
        default: break
        }
        return 0
    }

    private func receive(_ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int32 {
        guard let connection = self.connection else { return -1 }
        let piece = MessageAssembler.Piece(
            isBinary: lws_frame_is_binary(connection) != 0,
            isFirstFragment: lws_is_first_fragment(connection) != 0,
            remainingInFrame: Int(lws_remaining_packet_payload(connection)),
            isFinalFragment: lws_is_final_fragment(connection) != 0,
            count: count)
        return self.socket.receive(UnsafeRawBufferPointer(start: bytes, count: count), piece)
    }

    override func destroyed() {
        self.socket.gone()
    }

    var hasPartialWrite: Bool {
        guard let connection = self.connection else { return false }
        return lws_partial_buffered(connection) != 0
    }

    /// One frame. The library keeps what the kernel does not take; false when the connection is broken.
    func write(_ bytes: UnsafeRawBufferPointer, _ type: lws_write_protocol) -> Bool {
        guard let connection = self.connection else { return false }
        return self.loop.scratch.withCopy(of: bytes) { lws_write(connection, $0, $1, type) } >= bytes.count
    }

    /// Notes the close frame that the library sends when the current callback returns -1.
    func prepareClose(_ frame: CloseFrame) {
        guard let connection = self.connection else { return }
        var reason = Array(frame.reason.utf8)
        lws_close_reason(connection, lws_close_status(UInt32(frame.code)), &reason, reason.count)
    }

    /// How long ago the kernel last took a byte of the peer; nil when the stream is no TCP socket.
    var silence: Duration? {
        guard let descriptor = self.descriptor else { return nil }
        return SocketOptions.silence(of: descriptor)
    }

    var descriptor: Int32? {
        guard let connection = self.connection else { return nil }
        let descriptor = lws_get_socket_fd(connection)
        return descriptor >= 0 ? descriptor : nil
    }
}
