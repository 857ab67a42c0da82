/// What a browser lets the talk page do: its own scripts, styles and images, one microphone, and this server's sockets.
struct ContentPolicy: Sendable {
    /// The request's `Host` where it is a plain name or IPv4 address with or without a port, else nil: it goes into a header.
    private let host: String?

    /// - Parameter host: as the client sent it.
    init(host: String?) {
        self.host = host.flatMap { Self.isPlain($0) ? $0 : nil }
    }

    var headers: [(String, String)] {
        [
            ("content-security-policy", self.directives), ("referrer-policy", "no-referrer"),
            ("permissions-policy", "microphone=(self), camera=(), geolocation=(), payment=(), usb=()"),
            ("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin"),
        ]
    }

    /// Audio worklets are scripts. `'self'` covers a socket of the same host in current browsers; older ones want it named.
    private var directives: String {
        let sockets = self.host.map { " ws://\($0) wss://\($0)" } ?? ""
        return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'\(sockets); "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }

    private static func isPlain(_ host: String) -> Bool {
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2, name.utf8.allSatisfy(Self.isNameByte) else {
            return false
        }
        return parts.count == 1 || (!parts[1].isEmpty && parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) })
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
