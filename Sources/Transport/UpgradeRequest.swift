/// What a request asks to be upgraded to.
enum UpgradeRequest: Equatable {
    /// Stays HTTP.
    case none
    /// A well-formed opening handshake with this key.
    case webSocket(key: String)

    /// - Throws: 426 for a version other than 13, 400 for a handshake that RFC 6455 section 4.2.1 forbids.
    init(_ head: HTTPRequestHead, body: BodyFraming) throws(HTTPRefusal) {
        let wanted = head.headers.list("upgrade").map { $0.lowercased() }
        // HTTP/2 in the clear is an offer that a server may pass over (RFC 9110 section 7.8).
        guard !wanted.isEmpty, wanted != ["h2c"] else {
            self = .none
            return
        }
        guard wanted == ["websocket"] else { throw .malformed("the only upgrade here is websocket") }
        guard head.headers.list("connection").contains(where: { $0.lowercased() == "upgrade" }) else {
            throw .malformed("an upgrade needs the header connection: upgrade")
        }
        guard head.method == "GET", head.isVersion11, body == .none else {
            throw .malformed("a WebSocket begins with GET, HTTP/1.1 and no body")
        }
        guard head.headers.all("sec-websocket-version") == ["13"] else { throw Self.wrongVersion }
        let keys = head.headers.all("sec-websocket-key")
        guard keys.count == 1, Self.isKey(keys[0]) else {
            throw .malformed("sec-websocket-key is not 16 bytes in base64")
        }
        self = .webSocket(key: keys[0])
    }

    private static let wrongVersion = HTTPRefusal(
        status: 426, code: "upgrade_required", message: "only version 13 of the WebSocket protocol is spoken here",
        headers: ["sec-websocket-version": "13", "upgrade": "websocket"])

    private static func isKey(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        return bytes.count == 24 && bytes[22...].elementsEqual("==".utf8) && bytes[..<22].allSatisfy(\.isBase64)
    }
}

extension UInt8 {
    fileprivate var isBase64: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F: true
        default: false
        }
    }
}
