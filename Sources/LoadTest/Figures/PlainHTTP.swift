import Foundation

/// One GET without TLS, for figures of another machine; blocks for two seconds at most for each step.
enum PlainHTTP {
    private static let patience = timeval(tv_sec: 2, tv_usec: 0)
    private static let maxBytes = 4 << 20

    /// The body of a 200; nil for anything else.
    static func get(_ path: String, host: String, port: Int) -> String? {
        guard let socket = self.connect(host, port) else { return nil }
        defer { close(socket) }
        // HTTP/1.0, so that the answer ends with the connection.
        let request = Array("GET \(path) HTTP/1.0\r\nHost: \(host):\(port)\r\n\r\n".utf8)
        guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return nil }
        return self.body(of: self.readAll(socket))
    }

    /// What follows the head of a 200.
    static func body(of answer: String) -> String? {
        guard let end = answer.firstRange(of: "\r\n\r\n"), let line = answer.split(separator: "\r\n").first,
            line.split(separator: " ").dropFirst().first == "200"
        else { return nil }
        return String(answer[end.upperBound...])
    }

    private static func connect(_ host: String, _ port: Int) -> Int32? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &found) == 0, let address = found?.pointee else { return nil }
        defer { freeaddrinfo(found) }
        let socket = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
        guard socket >= 0 else { return nil }
        var patience = self.patience
        // The timeout for sending bounds connect(2) as well (socket(7)).
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(socket, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        guard Foundation.connect(socket, address.ai_addr, address.ai_addrlen) == 0 else {
            close(socket)
            return nil
        }
        return socket
    }

    private static func readAll(_ socket: Int32) -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < self.maxBytes {
            let count = recv(socket, &piece, piece.count, 0)
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
