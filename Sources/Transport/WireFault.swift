/// A way to break the rules of WebSocket or TCP on one connection, for servers that try out their clients.
public enum WireFault: Sendable, Equatable {
    /// Pings are heard and not answered from now on.
    case ignorePings
    /// The latest ping that was not answered is, late, and so are those to come.
    case answerPings
    /// These bytes go on the wire as they are, between frames.
    case bytes([UInt8])
    /// What waits is sent, then this direction of the stream ends, with no close frame. The other goes on.
    case endOutput
    /// The stream ends at once, with a reset.
    case reset
}

extension WebSocket {
    /// Misbehaves on purpose. Nothing in a server of users calls it.
    public func inject(_ fault: WireFault) {
        self.loop.requireCurrent()
        self.link?.inject(fault)
    }
}
