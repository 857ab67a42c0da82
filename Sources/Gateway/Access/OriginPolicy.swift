/// Which web pages may open a voice connection or change something here.
///
/// A browser sends a page's cookies and reaches private addresses on behalf of any page; only `Origin` tells which page
/// asks. Programs other than browsers send none, and are judged by their credentials instead.
public struct OriginPolicy: Sendable {
    public enum Verdict: Sendable, Equatable {
        case allowed
        case refused
    }

    private let allowed: Set<WebOrigin>
    private let requiresLoopbackHost: Bool

    /// - Parameters:
    ///   - origins: exact origins such as `https://app.example.com`.
    ///   - requiresLoopbackHost: whether a page of this server's own host is trusted only where that host is a loopback
    ///     name. True while nobody has to prove who they are: else a foreign page whose name is made to point to
    ///     127.0.0.1 would pass for this server's own.
    public init(origins: [String], requiresLoopbackHost: Bool) throws(InvalidOrigin) {
        var allowed: Set<WebOrigin> = []
        for text in origins {
            guard let origin = WebOrigin(text) else { throw InvalidOrigin(text: text) }
            allowed.insert(origin)
        }
        self.allowed = allowed
        self.requiresLoopbackHost = requiresLoopbackHost
    }

    /// A text of the allow-list that names no origin.
    public struct InvalidOrigin: Error, CustomStringConvertible {
        public let text: String
        public var description: String { "\"\(self.text)\" is no origin such as https://app.example.com" }
    }

    /// - Parameters:
    ///   - origins: the values of all `Origin` headers of a request.
    ///   - hosts: the values of all its `Host` headers.
    public func judge(origins: [String], hosts: [String]) -> Verdict {
        guard !origins.isEmpty else { return .allowed }
        guard origins.count == 1, let origin = WebOrigin(origins[0]) else { return .refused }
        if self.allowed.contains(origin) { return .allowed }
        guard hosts.count == 1, let host = Authority(hosts[0]), origin.isSameHost(as: host) else { return .refused }
        return self.requiresLoopbackHost && !host.isLoopback ? .refused : .allowed
    }

    /// Whether the origin is on the list itself, and so may read answers across origins.
    func lists(_ origin: String) -> Bool {
        WebOrigin(origin).map { self.allowed.contains($0) } ?? false
    }
}
