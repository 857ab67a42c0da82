/// Scheme, host and port of a page, as the `Origin` header names them (RFC 6454).
struct WebOrigin: Hashable, Sendable {
    let scheme: String
    let host: String
    let port: Int

    /// - Returns: nil for `null`, for anything with a path, and for other schemes than http and https.
    init?(_ text: String) {
        guard let separator = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<separator.lowerBound].lowercased()
        guard let defaultPort = ["http": 80, "https": 443][scheme] else { return nil }
        guard let authority = Authority(String(text[separator.upperBound...])) else { return nil }
        self.scheme = scheme
        self.host = authority.host
        self.port = authority.port ?? defaultPort
    }

    /// Whether a request with this `Host` went to the very server that the page came from. A `Host` without a port is
    /// met by either default port: a proxy in front may speak TLS where this server does not.
    func isSameHost(as host: Authority) -> Bool {
        self.host == host.host && (host.port.map { $0 == self.port } ?? [80, 443].contains(self.port))
    }
}

/// Host and port as in the `Host` header.
struct Authority: Hashable, Sendable {
    /// Lower case; an IPv6 address without its brackets.
    let host: String
    let port: Int?

    init?(_ text: String) {
        var host = text[...]
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, host.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.host = host.lowercased()
        guard let port else {
            self.port = nil
            return
        }
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port), number < 65_536 else {
            return nil
        }
        self.port = number
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"/\\?#@[]".utf8.contains(byte)
    }

    /// Whether the name can only mean this very machine. Any other name may be made to point here by its owner
    /// (DNS rebinding).
    var isLoopback: Bool { Loopback.isLoopback(self.host) }
}

/// Which names and addresses mean this machine and nothing else.
public enum Loopback {
    /// - Parameter host: a name or a numeric address, without port and brackets.
    public static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "::1" || host == "::ffff:127.0.0.1" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }
}
