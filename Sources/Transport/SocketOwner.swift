import CLibWebSockets

/// The Swift side of one descriptor that the loop watches. Confined to its loop.
///
/// Streams without the library's TLS are watched by the loop's ``StreamPoller``, all else by the library. Whoever
/// watches it keeps it alive until the descriptor is closed.
class SocketOwner: @unchecked Sendable {
    // Confined to the thread of `loop`, as all that is in its subclasses.
    let loop: EventLoop
    private(set) var connection: OpaquePointer?
    private var polled: (poller: StreamPoller, descriptor: Int32)?

    init(loop: EventLoop) {
        self.loop = loop
    }

    /// A callback of the library, or one like it; negative to close.
    func handle(_ reason: lws_callback_reasons, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int32 { 0 }

    /// The descriptor is closed. Called once, last.
    func destroyed() {}

    /// Whether somebody watches the descriptor, which is open as long.
    var isAttached: Bool { self.connection != nil || self.polled != nil }

    func attach(_ connection: OpaquePointer) {
        self.connection = connection
    }

    func attach(_ poller: StreamPoller, _ descriptor: Int32) {
        self.polled = (poller, descriptor)
    }

    /// Lets another owner go on with the connection.
    func handOver(to successor: SocketOwner) {
        if let polled = self.polled {
            self.polled = nil
            polled.poller.replaceOwner(of: polled.descriptor, with: successor)
        } else if let connection = self.connection {
            lws_set_opaque_user_data(connection, Unmanaged.passUnretained(successor).toOpaque())
            self.loop.keep(successor)
            successor.attach(connection)
            self.connection = nil
            self.loop.release(self)
        }
    }

    func detach() {
        guard self.isAttached else { return }
        let wasLibrarys = self.connection != nil
        (self.connection, self.polled) = (nil, nil)
        self.destroyed()
        if wasLibrarys { self.loop.release(self) }
    }

    /// Asks for a callback when the socket takes bytes.
    func requestWritable() {
        if let polled = self.polled { return polled.poller.requestWritable(polled.descriptor) }
        guard let connection = self.connection else { return }
        lws_callback_on_writable(connection)
    }

    /// Ends the connection with no ceremony, soon and outside of any callback.
    func kill() {
        if let polled = self.polled { return polled.poller.kill(polled.descriptor) }
        guard let connection = self.connection else { return }
        lws_set_timeout(connection, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC)
    }

    func setReading(_ isReading: Bool) {
        self.flow(isReading: isReading)
    }

    /// Whether anybody looks for bytes that have come.
    final func flow(isReading: Bool) {
        if let polled = self.polled { return polled.poller.setReading(isReading, polled.descriptor) }
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
