import Foundation

/// What carries the frames of a WebSocket. Confined to the socket's loop.
protocol WebSocketLink: AnyObject {
    /// Whether a frame is under way of which the kernel has not taken all.
    var hasPartialWrite: Bool { get }
    /// How long ago the kernel last took a byte of the peer, whether it was read or not.
    var silence: Duration? { get }

    /// One frame, kept until the kernel takes it; false when the connection is broken.
    func write(_ kind: SendQueue.Kind, _ bytes: UnsafeRawBufferPointer) -> Bool
    func writePing() -> Bool
    /// More of what is under way; false when the connection is broken.
    func flushPartialWrite() -> Bool
    /// The last frame of this side. The result goes back to the library, negative to close.
    func writeClose(_ frame: CloseFrame) -> Int32
    func requestWritable()
    func setReading(_ isReading: Bool)
    func inject(_ fault: WireFault)
    /// Ends the connection with no ceremony, soon.
    func kill()
}
