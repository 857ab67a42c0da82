/// Where a client connects to, and with what limits.
public struct WebSocketTarget: Sendable {
    let isEncrypted: Bool
    let host: String
    let port: Int
    /// Path and query, as in the URL.
    let path: String
    let headers: [(String, String)]
    let subprotocols: [String]

    /// A longer message of the peer closes the socket with 1009.
    public var maxMessageBytes = 16 << 20
    /// Bytes that may wait for the peer; what is more is dropped and said so.
    public var maxQueuedBytes = 1 << 20
    /// From the call to the open socket: name, TCP, TLS and upgrade.
    public var connectTimeout: Duration = .seconds(5)
    public var ping: Duration = .seconds(15)
    public var hangUp: Duration = .seconds(45)
    public var closeTimeout: Duration = .seconds(5)
    /// PEM file of the authorities to trust instead of the system's.
    public var certificateAuthorityFile: String?

    /// - Parameters:
    ///   - url: `ws://` or `wss://`, host, optional port, optional path and query. User info is refused: credentials
    ///     belong in a header.
    ///   - headers: sent with the upgrade, for instance `Authorization`; never logged.
    /// - Throws: `invalid_target` that names the fault and never the URL's query or a header's value.
    public init(url: String, headers: [(String, String)] = [], subprotocols: [String] = []) throws(TransportError) {
        let parts = try URLParts(url)
        for (name, value) in headers {
            guard !name.isEmpty, name.utf8.allSatisfy(\.isToken), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
            else { throw TransportError(.invalidTarget, "the header \(name.filter(\.isLetter)) is not well-formed") }
        }
        guard subprotocols.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isToken) }) else {
            throw TransportError(.invalidTarget, "a subprotocol is not a token")
        }
        self.isEncrypted = parts.isEncrypted
        self.host = parts.host
        self.port = parts.port
        self.path = parts.path
        self.headers = headers
        self.subprotocols = subprotocols
    }

    var settings: WebSocketSettings {
        WebSocketSettings(
            maxMessageBytes: self.maxMessageBytes, maxFragments: .max, maxQueuedBytes: self.maxQueuedBytes,
            ping: self.ping, hangUp: self.hangUp, closeTimeout: self.closeTimeout, kernelSendBufferBytes: 0)
    }

    func unreachable(_ text: String) -> TransportError {
        TransportError(.unreachable, "\(self.host):\(self.port): \(text)", isRetriable: true)
    }

    /// The `Host` header: the port only when it is not the scheme's own, IPv6 in brackets.
    var hostHeader: String {
        let name = self.host.contains(":") ? "[\(self.host)]" : self.host
        return self.port == (self.isEncrypted ? 443 : 80) ? name : "\(name):\(self.port)"
    }
}

/// A WebSocket URL taken apart.
struct URLParts: Equatable {
    let isEncrypted: Bool
    let host: String
    let port: Int
    let path: String

    init(_ url: String) throws(TransportError) {
        guard let scheme = url.range(of: "://"), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw TransportError(.invalidTarget, "a target is ws:// or wss:// and a host, in ASCII")
        }
        switch url[..<scheme.lowerBound].lowercased() {
        case "ws": self.isEncrypted = false
        case "wss": self.isEncrypted = true
        case let other: throw TransportError(.invalidTarget, "the scheme is \(other), not ws or wss")
        }
        let rest = url[scheme.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest[authority.endIndex...]
        self.path = path.hasPrefix("/") ? String(path) : "/" + path
        (self.host, self.port) = try Self.split(authority, defaultPort: self.isEncrypted ? 443 : 80)
    }

    private static func split(_ authority: Substring, defaultPort: Int) throws(TransportError) -> (String, Int) {
        guard !authority.contains("@") else {
            throw TransportError(.invalidTarget, "user info in a URL: credentials belong in a header")
        }
        var host = authority
        var port: Substring = ""
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = authority[authority.index(after: authority.startIndex)..<end]
            port = authority[authority.index(after: end)...]
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[colon...]
        }
        guard !host.isEmpty else { throw TransportError(.invalidTarget, "the host is missing") }
        guard !port.isEmpty else { return (String(host), defaultPort) }
        guard port.hasPrefix(":"), let number = UInt16(port.dropFirst()), number > 0 else {
            throw TransportError(.invalidTarget, "the port is not a number from 1 to 65535")
        }
        return (String(host), Int(number))
    }
}
