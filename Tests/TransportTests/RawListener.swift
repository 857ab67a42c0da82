import Foundation

/// A listening socket whose connections get what the test wants them to get, and nothing else.
final class RawListener: @unchecked Sendable {
    // Set once in `init`.
    private let descriptor: Int32
    let port: Int

    init() {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, length)
                _ = listen(descriptor, 128)
                _ = getsockname(descriptor, $0, &length)
            }
        }
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(self.descriptor) }

    /// The next connection, blocking.
    func accept() -> RawClient { RawClient(descriptor: Foundation.accept(self.descriptor, nil, nil)) }
}
