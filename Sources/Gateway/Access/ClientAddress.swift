/// Whose request it is, where proxies stand between.
public struct ClientAddress: Sendable, Equatable {
    /// A numeric address.
    public let text: String
    /// Whether nothing but this machine is between: the peer is on loopback and speaks for itself.
    public let isLocal: Bool

    /// Believes `X-Forwarded-For` only as far as trusted proxies wrote it: from the right, past every trusted address,
    /// to the first one that is not. What stands left of it, the client may have made up.
    ///
    /// - Parameters:
    ///   - peer: the connection's own remote address.
    ///   - forwarded: the members of all `X-Forwarded-For` headers in order.
    ///   - trusted: addresses of proxies.
    public init(peer: String, forwarded: [String], trusted: Set<String>) {
        guard trusted.contains(peer), let client = forwarded.last(where: { !trusted.contains($0) }) else {
            self.text = peer
            self.isLocal = Loopback.isLoopback(peer) && forwarded.isEmpty
            return
        }
        self.text = client
        self.isLocal = false
    }
}
