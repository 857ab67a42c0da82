import CLibWebSockets
import Foundation
import Observability
import Synchronization

/// One server on one loop: its listeners and what they accepted. Confined to the loop.
final class ServerPort: @unchecked Sendable {
    let loop: EventLoop
    let configuration: ServerConfiguration
    let application: any ServerApplication
    private let census: ServerCensus
    /// Takes a connection from the kernel; tests let it fail.
    var takeConnection = SystemError.accept
    private var listeners: [Listener] = []
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var sockets: [ConnectionID: WebSocket] = [:]

    init(
        loop: EventLoop, configuration: ServerConfiguration, application: any ServerApplication, census: ServerCensus
    ) {
        self.loop = loop
        self.configuration = configuration
        self.application = application
        self.census = census
    }

    /// Begins to accept from a listening socket, which is the port's from now on.
    func listen(on descriptor: Int32) throws(TransportError) {
        guard let library = self.loop.library, library.serverVHost(self.configuration.tls) != nil,
            let plain = library.plainVHost
        else {
            close(descriptor)
            throw TransportError(.eventLoop, "no virtual host: the certificate or its key cannot be used")
        }
        let listener = Listener(port: self, descriptor: descriptor)
        self.loop.keep(listener)
        self.listeners.append(listener)
        guard vaani_lws_adopt_file(plain, descriptor, Unmanaged.passUnretained(listener).toOpaque()) != nil else {
            self.loop.release(listener)
            throw TransportError(.eventLoop, "the library took no listening socket")
        }
    }

    /// Takes what the kernel has already accepted, then closes the listening sockets.
    func stopAccepting() {
        for listener in self.listeners { listener.drainAndClose() }
        self.listeners = []
    }

    // MARK: Accepting

    /// A connection from the kernel: served, or told why not.
    func accept(_ descriptor: Int32) {
        self.census.accepted.increment()
        if let reason = self.census.admit(descriptor, self.configuration) {
            self.countRefusal(reason)
            return self.turnAway(descriptor)
        }
        SocketOptions.prepare(
            descriptor, sendBufferBytes: self.configuration.kernelSendBufferBytes,
            unacknowledged: self.configuration.hangUp)
        guard let library = self.loop.library, let vhost = library.serverVHost(self.configuration.tls) else {
            close(descriptor)
            return self.census.leave()
        }
        let connection = ServerConnection(port: self, descriptor: descriptor)
        self.connections[ObjectIdentifier(connection)] = connection
        guard connection.isEncrypted else {
            // On failure the descriptor is closed.
            return library.poller.add(connection, descriptor) ? () : connection.destroyed()
        }
        self.loop.keep(connection)
        let adopted = vaani_lws_adopt_stream(vhost, descriptor, Unmanaged.passUnretained(connection).toOpaque())
        if adopted == nil, connection.connection == nil { self.drop(connection) }
    }

    private func turnAway(_ descriptor: Int32) {
        // Inside TLS an answer would cost a handshake, which is what there is no room for.
        guard self.configuration.tls == nil else {
            close(descriptor)
            return
        }
        Overload.refuse(descriptor, retryAfterSeconds: self.configuration.retryAfterSeconds)
    }

    /// The library closed the descriptor and told no one.
    private func drop(_ connection: ServerConnection) {
        self.loop.release(connection)
        connection.destroyed()
    }

    func connectionEnded(_ connection: ServerConnection) {
        self.connections[ObjectIdentifier(connection)] = nil
        self.census.leave()
    }

    func countRefusal(_ reason: String) {
        self.census.countRefusal(reason)
    }

    // MARK: Upgrading

    /// The socket that a connection becomes.
    func upgrade(_ connection: ServerConnection, _ handler: any WebSocketHandler) -> ServerLink {
        let census = self.census
        let socket = WebSocket(
            loop: self.loop, settings: self.configuration.webSocket, handler: handler,
            dropped: self.loop.metrics.dropped
        ) { census.countClose($0) }
        self.connections[ObjectIdentifier(connection)] = nil
        self.sockets[socket.id] = socket
        return ServerLink(socket: socket, port: self, replacing: connection)
    }

    func socketEnded(_ socket: WebSocket) {
        self.sockets[socket.id] = nil
        self.census.leave()
    }

    // MARK: Ending

    /// Closes what has no request, and asks WebSockets to leave.
    func beginClosing() {
        for connection in self.connections.values where connection.isIdle { connection.kill() }
        for socket in self.sockets.values { socket.close(code: 1001, reason: "server is stopping") }
    }

    func killAll() {
        for connection in self.connections.values { connection.kill() }
        for socket in self.sockets.values { socket.link?.kill() }
    }
}
