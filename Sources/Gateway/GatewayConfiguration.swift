/// What the gateway lets in, and how it presents itself.
public struct GatewayConfiguration: Sendable {
    /// The name under which `/health` answers.
    public var service: String
    public var version: String
    public var origins: OriginPolicy
    public var access = AccessPolicy.open
    /// Numeric addresses of proxies whose `X-Forwarded-For` is believed.
    public var trustedProxies: Set<String> = []
    /// Voice sessions at one time; a newcomer beyond it gets 503.
    public var maxSessions = 1_000
    /// Sessions of one user on `/ws`; one more gets 429.
    public var maxSessionsPerUser = 4
    /// Handshakes from one address in 10 s; one more gets 429. 0 is no limit. This machine itself is not counted.
    public var maxHandshakes = 60
    /// Messages a second from one client in the long run, and half of its burst. A flood closes with 4429.
    public var maxMessagesPerSecond = 120

    public init(service: String = "vaani", version: String, origins: OriginPolicy) {
        self.service = service
        self.version = version
        self.origins = origins
    }
}
