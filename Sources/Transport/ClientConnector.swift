import Foundation
import Observability

/// Brings a client's WebSocket up: name, then each address in turn, under one deadline. Confined to its loop.
final class ClientConnector: @unchecked Sendable {
    private let target: WebSocketTarget
    private let socket: WebSocket
    private let loop: EventLoop
    private let deadline: ContinuousClock.Instant
    private var addresses: [String] = []
    private var isResolved = false
    private var timer: ScheduledTask?
    private var lastError: TransportError?

    init(_ target: WebSocketTarget, _ socket: WebSocket) {
        self.target = target
        self.socket = socket
        self.loop = socket.loop
        self.deadline = .now + target.connectTimeout
    }

    func start() {
        self.timer = self.loop.schedule(after: self.target.connectTimeout) { self.timedOut() }
        guard !NumericAddress.isNumeric(self.target.host) else {
            // Not within the caller's call: it has no socket yet that a callback could be about.
            return self.loop.execute { self.resolved(.success([self.target.host])) }
        }
        self.loop.resolver.resolve(host: self.target.host, port: self.target.port, deadline: self.deadline) { result in
            self.loop.execute { self.resolved(result) }
        }
    }

    private func resolved(_ result: Result<[String], TransportError>) {
        switch result {
        case .failure(let error): self.fail(error)
        case .success(let addresses):
            self.isResolved = true
            self.addresses = addresses
            self.tryNext()
        }
    }

    private func tryNext() {
        guard self.socket.isConnecting else { return self.stop() }
        guard !self.addresses.isEmpty else {
            return self.fail(self.lastError ?? TransportError(.nameNotResolved, "the name has no address"))
        }
        switch OutgoingSocket.connect(to: self.addresses.removeFirst(), port: self.target.port) {
        case .failure(let error): self.attemptFailed(self.target.unreachable(error.text))
        case .success(let descriptor):
            ClientLink(socket: self.socket, target: self.target, connector: self, descriptor: descriptor).start()
        }
    }

    /// An attempt ended before the socket was open.
    func attemptFailed(_ error: TransportError) {
        self.lastError = error
        // A peer that answered is the right one: its refusal holds for its other addresses as well.
        guard error.code == .unreachable, !self.addresses.isEmpty else { return self.fail(error) }
        self.loop.execute { self.tryNext() }
    }

    func opened() {
        self.stop()
    }

    private func timedOut() {
        guard self.isResolved else { return self.fail(Resolver.timedOut(self.target.host)) }
        let seconds = self.target.connectTimeout / .seconds(1)
        let error = TransportError(
            .connectTimeout, "\(self.target.host):\(self.target.port) was not open after \(seconds) s",
            isRetriable: true)
        self.fail(error)
    }

    private func fail(_ error: TransportError) {
        self.stop()
        self.socket.fail(error)
    }

    private func stop() {
        self.timer?.cancel()
        self.timer = nil
    }
}

extension EventLoop {
    /// Opens a WebSocket as a client. Call on the loop; the handler hears of success or failure on the loop, later.
    ///
    /// `wss` verifies the certificate and the host's name. Closing the socket before it is open ends the attempt.
    public func connect(_ target: WebSocketTarget, handler: any WebSocketHandler) -> WebSocket {
        self.requireCurrent()
        let socket = WebSocket(
            loop: self, settings: target.settings, handler: handler, dropped: self.metrics.clientDropped)
        ClientConnector(target, socket).start()
        return socket
    }
}
