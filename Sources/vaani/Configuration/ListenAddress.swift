import Gateway

/// A host and a port to listen on.
struct ListenAddress: Sendable, Equatable {
    let host: String
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `127.0.0.1:8000`, `[::1]:8000`, `localhost:0`.
    init(parsing text: String) throws(InvalidSetting) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { throw InvalidSetting("\"\(text)\" is no address such as 127.0.0.1:8000 or [::1]:8000") }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || "[]/".contains($0) }) else {
            throw InvalidSetting("\"\(text)\" names no host; 127.0.0.1:\(port) is this machine alone")
        }
        self.host = String(host)
        self.port = port
    }

    var isLoopback: Bool { Loopback.isLoopback(self.host) }
}

extension ListenAddress: SettingValue {
    static func parse(_ text: String) throws(InvalidSetting) -> ListenAddress { try ListenAddress(parsing: text) }

    var settingText: String { self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)" }
}
