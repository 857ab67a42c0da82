import Synchronization
import Transport

/// Counts handshakes by address, over all event loops.
final class HandshakeGate: Sendable {
    private let limiter: Mutex<HandshakeLimiter>
    private let trustedProxies: Set<String>
    private let start = ContinuousClock.now

    init(limit: Int, trustedProxies: Set<String>) {
        self.limiter = Mutex(HandshakeLimiter(limit: limit))
        self.trustedProxies = trustedProxies
    }

    func client(of head: HTTPRequestHead) -> ClientAddress {
        ClientAddress(
            peer: head.remoteAddress, forwarded: head.headers.list("x-forwarded-for"), trusted: self.trustedProxies)
    }

    /// - Throws: 429 with the time after which to come back.
    func pass(_ head: HTTPRequestHead) throws(ErrorResponse) {
        let client = self.client(of: head)
        // Programs on this machine have the machine anyway; load tests and a developer's page would trip over the limit.
        guard !client.isLocal else { return }
        let now = (ContinuousClock.now - self.start) / .seconds(1)
        if let wait = self.limiter.withLock({ $0.take(client.text, at: now) }) {
            throw .tooManyHandshakes(retryAfter: wait)
        }
    }
}
