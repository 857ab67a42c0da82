import CLibWebSockets

/// The Swift side of one connection of the library. Confined to its loop.
///
/// The loop keeps it alive from adoption until the library destroys the connection.
class SocketOwner: @unchecked Sendable {
    // Confined to the thread of `loop`, as all that is in its subclasses.
    let loop: EventLoop
    private(set) var connection: OpaquePointer?

    init(loop: EventLoop) {
        self.loop = loop
    }

    /// A callback of the library; what it returns is handed back, negative to close.
    func handle(_ reason: lws_callback_reasons, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int32 { 0 }

    /// The library has let go of the connection. Called once, last.
    func destroyed() {}

    func attach(_ connection: OpaquePointer) {
        self.connection = connection
    }

    /// Lets another owner go on with the connection.
    func handOver(to successor: SocketOwner) {
        guard let connection = self.connection else { return }
        lws_set_opaque_user_data(connection, Unmanaged.passUnretained(successor).toOpaque())
        self.loop.keep(successor)
        successor.attach(connection)
        self.connection = nil
        self.loop.release(self)
    }

    func detach() {
        guard self.connection != nil else { return }
        self.connection = nil
        self.destroyed()
        self.loop.release(self)
    }

    /// Asks for a callback when the socket takes bytes.
    func requestWritable() {
        guard let connection = self.connection else { return }
        lws_callback_on_writable(connection)
    }

    /// Ends the connection with no ceremony, soon and outside of any callback.
    func kill() {
        guard let connection = self.connection else { return }
        lws_set_timeout(connection, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC)
    }

    func setReading(_ isReading: Bool) {
        self.flow(isReading: isReading)
    }

    /// Whether the library looks for bytes that have come.
    final func flow(isReading: Bool) {
        guard let connection = self.connection else { return }
        lws_rx_flow_control(connection, isReading ? 1 : 0)
    }
}

/// The one callback of all protocols: finds the owner and hands on.
func takeCallback(
    _ connection: OpaquePointer?, _ reason: lws_callback_reasons, _ bytes: UnsafeMutableRawPointer?, _ count: Int
) -> Int32 {
    guard let connection else { return 0 }
    guard let user = lws_get_opaque_user_data(connection) else { return 0 }
    let owner = Unmanaged<SocketOwner>.fromOpaque(user).takeUnretainedValue()
    if reason == LWS_CALLBACK_WSI_DESTROY {
        lws_set_opaque_user_data(connection, nil)
        owner.detach()
        return 0
    }
    if owner.connection == nil { owner.attach(connection) }
    return owner.handle(reason, bytes, count)
}
