import Foundation
import JSON
import Observability
import RealtimeProtocol
import Transport

/// The embedded realtime model: a server of the Realtime protocol (GA) at `/v1/realtime`, with keys for browsers at
/// `/v1/realtime/client_secrets`.
///
/// It hears that somebody speaks and for how long. Words are recognised and replies written by others, where there are
/// some (``EngineModels``); else a transcript of speech says `(speech, 2.3 s)`, and what it answers is made from the persona
/// in the session's instructions. One extension: an item of type `force_message` is spoken word for word.
public final class RealtimeEngine: ServerApplication, Sendable {
    static let path = "/v1/realtime"
    static let secretsPath = "/v1/realtime/client_secrets"
    private static let maxSecrets = 10_000

    private let services: EngineServices
    private let seats: Seats
    private let secrets = ClientSecrets(limit: RealtimeEngine.maxSecrets)

    public init(
        configuration: EngineConfiguration, synthesizer: any SpeechSynthesizer, models: EngineModels = EngineModels(),
        log: Log, metrics: MetricsRegistry
    ) {
        precondition(configuration.pace > 0, "pace \(configuration.pace) is not above 0")
        self.services = EngineServices(
            configuration: configuration, synthesizer: synthesizer, models: models, log: log,
            metrics: EngineMetrics(metrics))
        self.seats = Seats(limit: configuration.maxSessions)
    }

    public func decide(_ upgrade: HTTPRequestHead, on loop: EventLoop) -> UpgradeDecision {
        guard upgrade.path == Self.path else { return .refuse(.notFound) }
        let credentials = Self.credentials(upgrade)
        let grant = credentials.lazy.compactMap { self.secrets.grant(of: $0, now: Self.now) }.first
        guard grant != nil || self.isAuthorized(credentials) else { return .refuse(.wrongKey) }
        guard let seat = self.seats.take() else { return .refuse(.full(self.services.configuration.maxSessions)) }
        let session = EngineSession(
            loop: loop, model: upgrade.queryValue("model") ?? grant?.model ?? "vaani",
            settings: grant?.settings ?? SessionSettings(), services: self.services, seat: seat)
        return .accept(session, subprotocol: upgrade.subprotocols.first { $0 == "realtime" })
    }

    public func bodyLimit(for head: HTTPRequestHead) -> Int {
        head.path == Self.secretsPath ? self.services.configuration.maxControlEventBytes : 0
    }

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        switch (request.head.path, request.head.method) {
        case (Self.path, "GET"): .upgradeRequired
        case (Self.path, _): .wrongMethod("GET")
        case (Self.secretsPath, "POST"): self.makeSecret(request)
        case (Self.secretsPath, _): .wrongMethod("POST")
        default: .notFound
        }
    }

    private func makeSecret(_ request: HTTPRequest) -> HTTPResponse {
        guard self.isAuthorized(Self.credentials(request.head)) else { return .wrongKey }
        do throws(RealtimeError) {
            let wanted = try ClientSecretRequest(request.body)
            let expiresAt = Self.now + wanted.seconds
            let grant = ClientSecrets.Grant(settings: wanted.settings, model: wanted.model, expiresAt: expiresAt)
            guard let secret = self.secrets.make(grant, now: Self.now) else { return .tooManySecrets }
            var ids = IdentifierSource.random()
            let identity = SessionIdentity(
                id: ids.next("sess"), conversationID: "", model: wanted.model ?? "vaani", expiresAt: expiresAt)
            return .json(
                [
                    "value": .string(secret), "expires_at": .integer(expiresAt),
                    "session": wanted.settings.json(identity),
                ])
        } catch {
            return .badRequest(error)
        }
    }

    private static var now: Int { Int(Date().timeIntervalSince1970) }

    private func isAuthorized(_ credentials: [String]) -> Bool {
        guard let key = self.services.configuration.key else { return true }
        return credentials.contains { Self.isEqual($0, key) }
    }

    /// What a client shows to be let in. Browsers cannot set headers on a WebSocket: theirs is a subprotocol.
    private static func credentials(_ head: HTTPRequestHead) -> [String] {
        let bearer = head.headers["authorization"].flatMap { self.remainder(of: $0, after: "bearer ") }
        let insecure = head.subprotocols.compactMap { self.remainder(of: $0, after: "openai-insecure-api-key.") }
        return [bearer, head.headers["api-key"]].compactMap { $0 } + insecure
    }

    private static func remainder(of text: String, after prefix: String) -> String? {
        text.lowercased().hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
    }

    /// Takes as long for a wrong key as for a right one of the same length.
    private static func isEqual(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// What every session of an engine shares.
struct EngineServices: Sendable {
    let configuration: EngineConfiguration
    let synthesizer: any SpeechSynthesizer
    var models = EngineModels()
    let log: Log
    let metrics: EngineMetrics
}
