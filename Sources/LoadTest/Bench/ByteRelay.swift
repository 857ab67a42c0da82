import CByteRelay
import Foundation

/// The floor of a benchmark: a thread that copies bytes between users and the model.
public struct ByteRelay: Sendable {
    private let listener: Int32
    /// Where it listens, on 127.0.0.1.
    public let port: Int

    /// - Throws: `LoadError` if no listening socket can be had.
    public init() throws(LoadError) {
        var port: Int32 = 0
        self.listener = vaani_relay_listen(&port)
        guard self.listener >= 0 else { throw LoadError("relay: no listening socket, errno \(errno)") }
        self.port = Int(port)
    }

    /// Relays to `target`, a port on 127.0.0.1, until the process ends.
    public func run(target: Int) throws(LoadError) -> Never {
        _ = vaani_relay_run(self.listener, Int32(target))
        throw LoadError("relay: epoll failed, errno \(errno)")
    }
}
