/// The host and port of a `ws://` or `wss://` URL.
public struct GatewayAddress: Sendable, Equatable {
    public let host: String
    public let port: Int
    public let isSecure: Bool

    /// nil where it is no such URL.
    public init?(_ url: String) {
        let pattern = /(wss?):\/\/(?:\[([0-9a-fA-F:.]+)\]|([^\/:\[\]]+))(?::(\d{1,5}))?(?:\/.*)?/
        guard let match = url.wholeMatch(of: pattern), let host = match.2 ?? match.3 else { return nil }
        let isSecure = match.1 == "wss"
        let port = match.4.map { Int($0) ?? 0 } ?? (isSecure ? 443 : 80)
        guard 1...65_535 ~= port else { return nil }
        self.isSecure = isSecure
        self.host = String(host)
        self.port = port
    }

    /// Whether it can be nothing but this machine.
    public var isLoopback: Bool {
        self.host == "localhost" || self.host == "::1"
            || self.host.wholeMatch(of: /127(\.\d{1,3}){3}/) != nil
    }
}
