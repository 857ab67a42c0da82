import Foundation
import JSON
import Observability
import Transport

/// One client of the engine. Lives on its socket's loop.
actor EngineSession: WebSocketHandler {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }
    private let services: EngineServices
    private let seat: Seat
    private let identity: SessionIdentity
    private var ids: IdentifierSource
    private var settings = SessionSettings()

    init(loop: EventLoop, model: String, services: EngineServices, seat: Seat) {
        var ids = IdentifierSource.random()
        self.loop = loop
        self.services = services
        self.seat = seat
        self.identity = SessionIdentity(
            id: ids.next("sess"), conversationID: ids.next("conv"), model: model,
            expiresAt: Int(Date().timeIntervalSince1970) + services.configuration.maxSessionSeconds)
        self.ids = ids
    }

    nonisolated func opened(_ socket: WebSocket) {
        self.assumeIsolated { $0.greet(socket) }
    }

    private func greet(_ socket: WebSocket) {
        let event = ServerEvent("session.created", ["session": self.settings.json(self.identity)])
        _ = socket.send(text: event.encoded(eventID: self.ids.next("event")))
    }

    nonisolated func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
    }

    nonisolated func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {}
    nonisolated func drained(_ socket: WebSocket) {}
    nonisolated func closed(_ socket: WebSocket, _ close: WebSocketClose) {}
}
