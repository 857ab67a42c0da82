import Observability

/// How many objects of a group's loops are alive, for leak checks: when all connections are gone each count is zero.
public final class LiveObjects: Sendable {
    let sockets = Gauge()
    let links = Gauge()
    let connections = Gauge()

    /// WebSockets, their links to the library, and accepted connections that are no WebSocket.
    public var counts: [String: Int] {
        ["webSockets": self.sockets.value, "links": self.links.value, "connections": self.connections.value]
    }
}
