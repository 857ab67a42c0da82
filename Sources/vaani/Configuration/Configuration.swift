import Audio
import Engine
import Gateway
import Observability
import Providers
import Sessions
import Transport
import Upstream

/// Everything that can be set, with its defaults. `Configuration.settings` has the row of each.
struct Configuration: Sendable {
    enum Authentication: String, CaseIterable, Sendable { case off, token }
    enum FirstVersion: String, CaseIterable, Sendable { case served, redirected }
    enum LogFormat: String, CaseIterable, Sendable { case auto, json, pretty }

    var listen = [ListenAddress(host: "127.0.0.1", port: 8_000)]
    var listenShared = false
    var authentication = Authentication.off
    var tokenKeysFile = ""
    var tokenIssuer = "vaani"
    var tokenAudience = "vaani"
    /// Read from the file; empty where there is none.
    var tokenKeys: [TokenKey] = []
    var trustedIssuer = ""
    var trustedAudience = ""
    var trustedKeysFile = ""
    /// Made of the three.
    var trusted: TrustedIssuer?
    var origins: [String] = []
    var trustedProxies: [String] = []
    var tlsCertificate = ""
    var tlsKey = ""
    var personas = ""
    var dataDirectory = ""
    var personasReadOnly = false
    var defaultPersona = ""
    var openingHours = true
    var greetingCache = "memory"
    var loops = 0

    var upstreamURL = ""
    var upstreamModel = "gpt-realtime"
    var upstreamKeyFile = ""
    var upstreamCAFile = ""
    var upstreamDialect = "openai"
    var upstreamKeyHeader = RealtimeEndpoint.KeyHeader.bearer
    var upstreamFallbackURL = ""
    var upstreamFallbackModel = ""
    var upstreamFallbackDialect = ""
    var upstreamFallbackKeyFile = ""
    var upstreamPool = 1
    var upstreamPoolAge = Duration.seconds(60)
    var upstreamSessionLimit = Duration.seconds(3_600)
    var upstreamSetUpTimeout = Duration.seconds(5)
    var upstreamAnswerTimeout = Duration.seconds(8)
    var upstreamPingInterval = Duration.seconds(15)
    var upstreamHangUp = Duration.seconds(45)
    var pricesFile = ""
    /// Read from the file; knows no model where there is none.
    var prices = PriceTable()
    /// Found in the environment or a file, never on the command line.
    var upstreamKey: Secret?
    var upstreamFallbackKey: Secret?

    var engineVAD = SpeechDetectorKind.combined
    var modelsFile = ""
    /// Read from the file; nil where none is named.
    var models: ModelsConfiguration?

    var providerURL = "https://tavusapi.com"
    var providerKeyFile = ""
    var providerUnencryptedKey = false
    var providerCAFile = ""
    var providerProfile = ProviderProfile.personas.name
    var providerTimeout = Duration.seconds(8)
    var providerDefaultReplica = ""
    var providerInvertPause = false
    var providerVoicesPath = ""
    var providerPollFirst = Duration.seconds(2)
    var providerPollLongest = Duration.seconds(30)
    var providerPolls = 20
    var providerAttempts = 5
    var creationsPerHour = 10
    /// Found in the environment or a file, never on the command line; nil leaves personas here alone.
    var providerKey: Secret?

    var maxSessions = 1_000
    var maxSessionsPerUser = 4
    var maxConnections = 4_096
    var maxHandshakes = 60
    var maxMessagesPerSecond = 120
    var maxMessageBytes = ByteCount.mebibytes(8)
    var maxQueuedBytes = ByteCount.mebibytes(4)

    var handshakeTimeout = Duration.seconds(5)
    var pingInterval = Duration.seconds(15)
    var hangUp = Duration.seconds(45)
    var drainTimeout = Duration.seconds(30)
    var resumeGrace = Duration.seconds(60)
    var opus = OpusEncoder.Settings()
    var idleNudge = Duration.zero

    var jobPersonasAtOnce = 8
    var jobLifetime = Duration.seconds(3_600)
    var jobKeepAlive = Duration.seconds(15)
    var finalPrompts = FirstVersion.served
    var modelCallsPerMinute = 0
    var modelCallsPerUser = 0
    var localeContext = "India"

    var workersDirectory = ""
    var mediaWorkers = 2
    var speechWorkers = 2

    var logLevel = LogLevel.info
    var logFormat = LogFormat.auto

    /// Where each value came from, by key; absent for a default.
    var origin: [String: String] = [:]

    /// Whether the model is the one that is built in.
    var usesEmbeddedEngine: Bool { self.upstreamURL.isEmpty }

    /// What makes and judges tokens; nil without any key.
    var tokenAuthority: TokenAuthority? {
        guard !self.tokenKeys.isEmpty || self.trusted != nil else { return nil }
        return TokenAuthority(
            keys: self.tokenKeys, issuer: self.tokenIssuer, audience: self.tokenAudience, trusted: self.trusted)
    }
}
