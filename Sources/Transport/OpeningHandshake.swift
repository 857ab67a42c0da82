import CLibWebSockets

/// The server's half of the opening handshake (RFC 6455 section 4.2.2).
enum OpeningHandshake {
    private static let guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    static func answer(key: String, subprotocol: String?) -> [UInt8] {
        var text =
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
            + "sec-websocket-accept: \(self.accept(key))\r\n"
        if let subprotocol, !subprotocol.isEmpty, subprotocol.utf8.allSatisfy(\.isToken) {
            text += "sec-websocket-protocol: \(subprotocol)\r\n"
        }
        return Array((text + "\r\n").utf8)
    }

    static func accept(_ key: String) -> String {
        let text = Array((key + self.guid).utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        lws_SHA1(text, text.count, &digest)
        // 20 bytes are 28 characters, and the library adds a zero.
        var encoded = [CChar](repeating: 0, count: 32)
        let length = digest.withUnsafeBytes {
            lws_b64_encode_string($0.baseAddress?.assumingMemoryBound(to: CChar.self), 20, &encoded, 32)
        }
        return String(decoding: encoded.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
