import CLibWebSockets
import Foundation
import Observability
import Synchronization

/// Listens on every loop of a group and serves HTTP/1.1 and WebSockets.
public final class Server: Sendable {
    private let group: EventLoopGroup
    private let configuration: ServerConfiguration
    private let log: Log
    private let census: ServerCensus
    let ports: [ServerPort]

    public init(
        group: EventLoopGroup, configuration: ServerConfiguration, application: any ServerApplication, log: Log,
        metrics: MetricsRegistry
    ) {
        self.group = group
        self.configuration = configuration
        self.log = log
        let census = ServerCensus(metrics)
        self.census = census
        self.ports = group.loops.map {
            ServerPort(loop: $0, configuration: configuration, application: application, census: census)
        }
    }

    /// Connections that are open now, over all loops.
    public var openConnections: Int { self.census.openConnections }

    /// Binds all addresses and begins to accept.
    ///
    /// - Throws: `bind` naming the address and the kernel's reason, `event_loop` when a certificate cannot be used.
    public func start() async throws(TransportError) -> [ListeningAddress] {
        var bound: [ListeningAddress] = []
        for (host, port) in self.configuration.listen {
            var chosen = port
            for serverPort in self.ports {
                let descriptor = try ListeningSocket.open(host: host, port: chosen)
                chosen = ListeningSocket.port(of: descriptor)
                try await self.hand(descriptor, to: serverPort)
            }
            bound.append(ListeningAddress(host: host, port: chosen))
            self.log.notice("listening", [.listenAddress: .text("\(host):\(chosen)")])
        }
        return bound
    }

    private func hand(_ descriptor: Int32, to port: ServerPort) async throws(TransportError) {
        let result: Result<Void, TransportError> = await withCheckedContinuation { continuation in
            port.loop.execute {
                do throws(TransportError) {
                    continuation.resume(returning: .success(try port.listen(on: descriptor)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        try result.get()
    }

    /// Takes what the kernel has queued, then stops listening. What is open stays open.
    public func stopAccepting() async {
        await self.onEachLoop { $0.stopAccepting() }
    }

    /// Stops accepting, asks every WebSocket to leave with 1001, lets answers finish, and cuts off what is left at the
    /// deadline.
    public func close(deadline: Duration) async {
        await self.stopAccepting()
        await self.onEachLoop { $0.beginClosing() }
        let ports = self.ports
        let killer = Task {
            try await Task.sleep(for: deadline)
            for port in ports { port.loop.execute { port.killAll() } }
        }
        await self.census.waitUntilEmpty()
        killer.cancel()
    }

    private func onEachLoop(_ work: @escaping @Sendable (ServerPort) -> Void) async {
        for port in self.ports {
            await withCheckedContinuation { continuation in
                port.loop.execute {
                    work(port)
                    continuation.resume()
                }
            }
        }
    }
}

/// Listening sockets that several loops, and several processes, may have on one port.
enum ListeningSocket {
    static func open(host: String, port: Int) throws(TransportError) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host.isEmpty ? nil : host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0, let address = list?.pointee else {
            throw TransportError(.bind, "\(host):\(port): \(String(cString: gai_strerror(status)))")
        }
        let descriptor = vaani_stream_socket(address.ai_family)
        guard descriptor >= 0 else { throw Self.failure(host, port, errno) }
        SocketOptions.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        SocketOptions.set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, Foundation.listen(descriptor, SOMAXCONN) == 0
        else {
            let error = errno
            Foundation.close(descriptor)
            throw Self.failure(host, port, error)
        }
        return descriptor
    }

    private static func failure(_ host: String, _ port: Int, _ error: Int32) -> TransportError {
        TransportError(.bind, "\(host):\(port): \(String(cString: strerror(error)))")
    }

    static func port(of descriptor: Int32) -> Int {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = getsockname(descriptor, address, &length)
                return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    Int(UInt16(bigEndian: $0.pointee.sin_port))
                }
            }
        }
    }
}
