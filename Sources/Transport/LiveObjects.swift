import Observability

/// How many objects of this module are alive in the process, for leak checks: after all connections are gone each
/// count is what it was before the first.
public enum LiveObjects {
    static let webSockets = Gauge()
    static let links = Gauge()
    static let serverConnections = Gauge()

    /// Sockets, their links to the library, and accepted connections that are no WebSocket.
    public static var counts: [String: Int] {
        [
            "webSockets": self.webSockets.value, "links": self.links.value,
            "serverConnections": self.serverConnections.value,
        ]
    }
}
