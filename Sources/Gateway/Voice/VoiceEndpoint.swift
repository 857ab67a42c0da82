import ClientProtocol
import Foundation
import Sessions
import Transport

/// One voice connection: brings its socket, its session and the registry together. Confined to its event loop.
final class VoiceEndpoint: WebSocketHandler, @unchecked Sendable {
    // `@unchecked`: every stored variable is touched on `loop` alone, where the socket calls its handler.
    private let request: VoiceRequest
    private let caller: VoiceCaller
    private let loop: EventLoop
    private let services: SessionServices
    private let registry: SessionRegistry
    private let openedAt = Date()
    private var flood: TokenBucket
    private var session: VoiceSession?
    private var expiry: ScheduledTask?
    private var deadline: ScheduledTask?

    init(
        request: VoiceRequest, caller: VoiceCaller, loop: EventLoop, services: SessionServices,
        registry: SessionRegistry, maxMessagesPerSecond: Int
    ) {
        self.request = request
        self.caller = caller
        self.loop = loop
        self.services = services
        self.registry = registry
        self.flood = TokenBucket(rate: Double(maxMessagesPerSecond), burst: 2 * maxMessagesPerSecond)
    }

    func opened(_ socket: WebSocket) {
        let identity = SessionIdentity(
            id: Self.newSessionID(), user: self.request.user.rawValue,
            style: self.request.flavour == .mobile ? .mobile : .web, persona: self.request.persona,
            mode: self.request.mode)
        let session = VoiceSession(
            executor: self.loop, identity: identity, downstream: UserSocket(socket: socket), services: self.services)
        self.session = session
        self.registry.enter(socket.id, self.member(session))
        self.watchToken()
        session.assumeIsolated { $0.opened() }
    }

    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        guard self.isWithinRate() else { return }
        // Lent for this call, which stays on the loop.
        nonisolated(unsafe) let frame = text
        self.session?.assumeIsolated { $0.received(text: frame) }
    }

    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {
        guard self.isWithinRate() else { return }
        // Lent for this call, which stays on the loop.
        nonisolated(unsafe) let frame = binary
        self.session?.assumeIsolated { $0.received(binary: frame) }
    }

    func drained(_ socket: WebSocket) {
        self.session?.assumeIsolated { $0.drained() }
    }

    func closed(_ socket: WebSocket, _ close: WebSocketClose) {
        self.expiry?.cancel()
        self.deadline?.cancel()
        self.registry.leave(socket.id)
        self.session?.assumeIsolated { $0.disconnected(code: close.code) }
        self.session = nil
    }

    private func isWithinRate() -> Bool {
        guard !self.flood.take(at: Double(self.services.clock.nowMs) / 1_000) else { return true }
        self.end(.flood, .rateLimited, "more messages a second than a client may send")
        return false
    }

    /// A token lets in for as long as it says, not for as long as a connection can be kept open.
    private func watchToken() {
        guard let expiresAt = self.caller.expiresAt else { return }
        let left = Duration.seconds(max(0, expiresAt.timeIntervalSinceNow))
        self.expiry = self.loop.schedule(after: left) { [weak self] in
            self?.end(.tokenExpired, .sessionExpired, "the token has expired; connect again with a new one")
        }
    }

    private func end(_ close: CloseCode, _ error: ErrorCode, _ message: String) {
        self.session?.assumeIsolated { $0.close(close, error, message) }
    }

    // MARK: What the registry may ask

    private func member(_ session: VoiceSession) -> SessionRegistry.Member {
        SessionRegistry.Member(user: self.request.user, flavour: self.request.flavour) { [weak self, loop] ending in
            loop.execute { [weak self] in self?.take(ending) }
        } describe: { [request, caller, openedAt] in
            let status = await session.status
            return SessionSummary(
                id: session.identity.id, user: request.user.rawValue, flavour: request.flavour, status: status,
                remoteAddress: caller.address.text, openedAt: openedAt)
        }
    }

    private func take(_ ending: SessionRegistry.Ending) {
        switch ending {
        case .superseded: self.end(.superseded, .superseded, "the same user has opened a newer connection")
        case .removed: self.end(.forbidden, .goingAway, "an operator has ended this session")
        case .drained(let deadline): self.drain(by: deadline)
        }
    }

    private func drain(by deadline: ContinuousClock.Instant) {
        // A little before the connections are cut, so that the close still arrives.
        let left = max(.zero, deadline - .now - .milliseconds(200))
        self.session?.assumeIsolated { $0.drain(byMs: Int(left / .milliseconds(1))) }
        self.deadline = self.loop.schedule(after: left) { [weak self] in
            self?.end(.restart, .goingAway, "the gateway stops or restarts; connect again in a moment")
        }
    }

    /// 96 random bits: whoever does not know it cannot guess it.
    private static func newSessionID() -> String {
        let words = (0..<3).map { _ in UInt32.random(in: .min ... .max) }
        return "sess_"
            + words.map { word in
                let digits = String(word, radix: 16)
                return String(repeating: "0", count: 8 - digits.count) + digits
            }.joined()
    }
}
