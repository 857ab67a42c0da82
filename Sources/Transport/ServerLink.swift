/// An accepted stream that has become a WebSocket.
final class ServerLink: FrameLink, @unchecked Sendable {
    private let port: ServerPort

    init(socket: WebSocket, port: ServerPort, replacing connection: ServerConnection) {
        self.port = port
        super.init(
            socket: socket, peer: .client, descriptor: connection.descriptor, isEncrypted: connection.isEncrypted)
    }

    /// Answers the handshake and opens the socket; false to close.
    func open(key: String, subprotocol: String?, remoteAddress: String, rest: [UInt8]) -> Bool {
        let answer = OpeningHandshake.answer(key: key, subprotocol: subprotocol)
        guard answer.withUnsafeBytes({ self.write($0) }) else { return false }
        return self.begin(remoteAddress: remoteAddress, rest: rest)
    }

    override func destroyed() {
        self.socket.gone()
        self.port.socketEnded(self.socket)
    }
}
