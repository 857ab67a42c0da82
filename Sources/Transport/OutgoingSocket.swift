import CLibWebSockets
import Foundation

/// TCP sockets of clients.
enum OutgoingSocket {
    /// Begins to connect to a numeric address; the socket can be written when that is decided.
    static func connect(to address: String, port: Int) -> Result<Int32, SystemError> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(address, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0, let first = list?.pointee else { return .failure(SystemError(number: EADDRNOTAVAIL)) }
        let descriptor = vaani_stream_socket(first.ai_family)
        guard descriptor >= 0 else { return .failure(SystemError(number: errno)) }
        guard Foundation.connect(descriptor, first.ai_addr, first.ai_addrlen) != 0, errno != EINPROGRESS else {
            return .success(descriptor)
        }
        let error = SystemError(number: errno)
        close(descriptor)
        return .failure(error)
    }

    /// What became of the attempt to connect; told once.
    static func error(of descriptor: Int32) -> SystemError? {
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length) == 0, number != 0 else { return nil }
        return SystemError(number: number)
    }
}
