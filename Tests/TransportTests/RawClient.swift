import Foundation

/// A peer made of one blocking POSIX socket, which can misbehave as no library would. Used off the loops.
final class RawClient: @unchecked Sendable {
    // Each test drives its own client from one task at a time.
    let descriptor: Int32

    /// Takes a connected socket over.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        self.limitReceiving()
    }

    init(port: Int, receiveBufferBytes: Int32? = nil) {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBufferBytes { setsockopt(self.descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
        self.limitReceiving()
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { close(self.descriptor) }

    private func limitReceiving() {
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Foundation.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { self.send(Array(text.utf8)) }

    /// At most `count` bytes; empty at the end of the stream, on a reset, or after ten seconds.
    func receive(_ count: Int = 65_536) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let received = recv(self.descriptor, &buffer, count, 0)
        return received > 0 ? Array(buffer[..<received]) : []
    }

    func receiveExactly(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = self.receive(count - bytes.count)
            guard !more.isEmpty else { break }
            bytes += more
        }
        return bytes
    }

    /// Everything until the peer closes.
    func receiveAll() -> String {
        var bytes: [UInt8] = []
        while case let more = self.receive(), !more.isEmpty { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Up to the empty line after a head.
    func receiveHead() -> String {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8), case let more = self.receive(1), !more.isEmpty {
            bytes += more
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Sends no more.
    func finish() {
        shutdown(self.descriptor, Int32(SHUT_WR))
    }

    /// Ends with a reset instead of a goodbye.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        shutdown(self.descriptor, Int32(SHUT_RDWR))
    }
}

// MARK: WebSocket by hand

extension RawClient {
    static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    static func upgrade(_ path: String = "/ws", extra: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
            + "sec-websocket-version: 13\r\nsec-websocket-key: \(self.key)\r\n\(extra)\r\n"
    }

    func openWebSocket(_ path: String = "/ws", extra: String = "") -> String {
        self.send(Self.upgrade(path, extra: extra))
        return self.receiveHead()
    }

    enum Opcode: UInt8 {
        case continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10
    }

    static func frame(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true, masked: Bool = true) -> [UInt8] {
        var frame: [UInt8] = [opcode.rawValue | (isFinal ? 0x80 : 0)]
        let maskBit: UInt8 = masked ? 0x80 : 0
        switch payload.count {
        case ..<126: frame.append(maskBit | UInt8(payload.count))
        case ..<65_536: frame += [maskBit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: frame += [maskBit | 127] + (0..<8).reversed().map { UInt8(payload.count >> ($0 * 8) & 0xFF) }
        }
        let mask: [UInt8] = [0x11, 0x22, 0x33, 0x44]
        guard masked else { return frame + payload }
        return frame + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
    }

    @discardableResult
    func sendFrame(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) -> Bool {
        self.send(Self.frame(opcode, payload, isFinal: isFinal))
    }

    /// The next frame of the server: opcode and payload; nil at the end of the stream.
    func receiveFrame() -> (opcode: UInt8, payload: [UInt8])? {
        let head = self.receiveExactly(2)
        guard head.count == 2 else { return nil }
        var length = Int(head[1] & 0x7F)
        if length >= 126 {
            length = self.receiveExactly(length == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
        }
        return (head[0] & 0x0F, self.receiveExactly(length))
    }

    /// The code and reason of the close frame, after any other frames.
    func receiveClose() -> (code: Int, reason: String)? {
        while let (opcode, payload) = self.receiveFrame() {
            guard opcode == Opcode.close.rawValue, payload.count >= 2 else { continue }
            return (Int(payload[0]) << 8 | Int(payload[1]), String(decoding: payload.dropFirst(2), as: UTF8.self))
        }
        return nil
    }
}
