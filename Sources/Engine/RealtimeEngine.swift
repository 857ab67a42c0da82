import JSON
import Observability
import Transport

/// The embedded realtime model: a server of the Realtime protocol (GA) at `/v1/realtime`.
///
/// It hears that somebody speaks and for how long, but it recognises no words: a transcript of speech says
/// `(speech, 2.3 s)`. What it answers is made from the persona in the session's instructions.
public final class RealtimeEngine: ServerApplication, Sendable {
    static let path = "/v1/realtime"

    private let services: EngineServices
    private let seats: Seats

    public init(
        configuration: EngineConfiguration, synthesizer: any SpeechSynthesizer, log: Log, metrics: MetricsRegistry
    ) {
        precondition(configuration.pace > 0, "pace \(configuration.pace) is not above 0")
        self.services = EngineServices(
            configuration: configuration, synthesizer: synthesizer, log: log, metrics: EngineMetrics(metrics))
        self.seats = Seats(limit: configuration.maxSessions)
    }

    public func decide(_ upgrade: HTTPRequestHead, on loop: EventLoop) -> UpgradeDecision {
        guard upgrade.path == Self.path else { return .refuse(.notFound) }
        guard self.isAuthorized(upgrade) else { return .refuse(.wrongKey) }
        guard let seat = self.seats.take() else { return .refuse(.full(self.services.configuration.maxSessions)) }
        let session = EngineSession(
            loop: loop, model: upgrade.queryValue("model") ?? "vaani", services: self.services, seat: seat)
        return .accept(session, subprotocol: upgrade.subprotocols.first { $0 == "realtime" })
    }

    public func bodyLimit(for head: HTTPRequestHead) -> Int { 0 }

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard request.head.path == Self.path else { return .notFound }
        return request.head.method == "GET" ? .upgradeRequired : .wrongMethod
    }

    /// Browsers cannot set headers on a WebSocket: theirs is a subprotocol.
    private func isAuthorized(_ head: HTTPRequestHead) -> Bool {
        guard let key = self.services.configuration.key else { return true }
        let offered = [
            head.headers["authorization"].flatMap { Self.remainder(of: $0, after: "bearer ") }, head.headers["api-key"],
        ]
        let insecure = head.subprotocols.compactMap { Self.remainder(of: $0, after: "openai-insecure-api-key.") }
        return (offered.compactMap { $0 } + insecure).contains { Self.isEqual($0, key) }
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
    let log: Log
    let metrics: EngineMetrics
}
