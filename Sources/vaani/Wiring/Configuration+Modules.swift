import Engine
import Gateway
import Observability
import Sessions
import RealtimeProtocol
import Transport
import Upstream

// What the modules need of the configuration, in their own words.
extension Configuration {
    var serverConfiguration: ServerConfiguration {
        var server = ServerConfiguration(listen: self.listen.map { ($0.host, $0.port) })
        if !self.tlsCertificate.isEmpty {
            server.tls = ServerConfiguration.TLS(certificateFile: self.tlsCertificate, keyFile: self.tlsKey)
        }
        server.maxMessageBytes = self.maxMessageBytes.count
        server.maxQueuedBytes = self.maxQueuedBytes.count
        server.maxConnections = self.maxConnections
        server.handshakeTimeout = self.handshakeTimeout
        server.ping = self.pingInterval
        server.hangUp = self.hangUp
        return server
    }

    var gatewayConfiguration: GatewayConfiguration {
        get throws(CommandError) {
            let origins: OriginPolicy
            do throws(OriginPolicy.InvalidOrigin) {
                origins = try OriginPolicy(origins: self.origins, requiresLoopbackHost: self.authentication == .off)
            } catch {
                throw CommandError(.configuration, "origins: \(error.description)")
            }
            var gateway = GatewayConfiguration(version: Version.number, origins: origins)
            if self.authentication == .token, let authority = self.tokenAuthority {
                gateway.access = .tokens(authority)
            }
            gateway.trustedProxies = Set(self.trustedProxies)
            gateway.maxSessions = self.maxSessions
            gateway.maxSessionsPerUser = self.maxSessionsPerUser
            gateway.maxHandshakes = self.maxHandshakes
            gateway.maxMessagesPerSecond = self.maxMessagesPerSecond
            return gateway
        }
    }

    /// The vendor's model.
    var endpoint: RealtimeEndpoint {
        var endpoint = RealtimeEndpoint(
            url: self.upstreamURL, model: self.upstreamModel, key: self.upstreamKey,
            dialect: RealtimeDialect(named: self.upstreamDialect) ?? .openAI, keyHeader: self.upstreamKeyHeader,
            certificateAuthorityFile: self.upstreamCAFile.isEmpty ? nil : self.upstreamCAFile)
        endpoint.connectTimeout = min(endpoint.connectTimeout, self.upstreamSetUpTimeout)
        endpoint.ping = self.upstreamPingInterval
        endpoint.hangUp = self.upstreamHangUp
        return endpoint
    }

    /// Who stands in for the vendor's model; nil without one. It never gets the other's key.
    var fallbackEndpoint: RealtimeEndpoint? {
        guard !self.usesEmbeddedEngine, !self.upstreamFallbackURL.isEmpty else { return nil }
        var endpoint = self.endpoint
        endpoint.url = self.upstreamFallbackURL
        endpoint.key = self.upstreamFallbackKey
        if !self.upstreamFallbackModel.isEmpty { endpoint.model = self.upstreamFallbackModel }
        if let dialect = RealtimeDialect(named: self.upstreamFallbackDialect) {
            endpoint.dialect = dialect
            endpoint.capabilities = dialect.capabilities
        }
        return endpoint
    }

    func makeGreetingCache(_ log: Log) -> GreetingCache? {
        switch self.greetingCache {
        case "off": nil
        case "memory", "": GreetingCache(log: log)
        default: GreetingCache(folder: self.greetingCache, log: log)
        }
    }

    var upstreamSettings: UpstreamSettings {
        var settings = UpstreamSettings()
        settings.poolSize = self.upstreamPool
        settings.poolAge = self.upstreamPoolAge
        settings.sessionLimit = self.upstreamSessionLimit
        return settings
    }

    /// A session gives a reply up after `upstream_answer_timeout`: before that the engine has to answer by itself.
    var replyPatience: Duration { min(EngineConfiguration().replyPatience, self.upstreamAnswerTimeout * 0.7) }

    var modelName: String { self.usesEmbeddedEngine ? PrivateEngine.model : self.upstreamModel }

    /// `embedded`, or the upstream's host without what may be secret in its URL.
    var upstreamName: String {
        guard !self.usesEmbeddedEngine else { return "embedded" }
        let rest = self.upstreamURL.firstRange(of: "://").map { self.upstreamURL[$0.upperBound...] } ?? "upstream"
        return String(rest.prefix { !"/?#".contains($0) }.split(separator: "@").last ?? "upstream")
    }
}

extension Configuration {
    /// What one conversation may take.
    var sessionLimits: SessionLimits {
        var limits = SessionLimits()
        limits.maxMessageBytes = self.maxMessageBytes.count
        limits.conversation.setUp = self.upstreamSetUpTimeout
        limits.conversation.firstOutput = self.upstreamAnswerTimeout
        limits.pingSeconds = Int(self.pingInterval / .seconds(1))
        limits.conversation.idleNudge = self.idleNudge > .zero ? self.idleNudge : nil
        limits.resumeGrace = self.resumeGrace
        limits.supersededGrace = min(limits.supersededGrace, self.resumeGrace)
        return limits
    }
}
