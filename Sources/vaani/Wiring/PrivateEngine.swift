import Engine
import Foundation
import Observability
import RealtimeProtocol
import Transport
import Upstream
import Workers

/// The embedded engine behind a port of its own on loopback, with a key that only this process knows: sessions reach it
/// through the same client code as a vendor's model.
struct PrivateEngine: Sendable {
    let synthesizer: SpeechWorkers
    let endpoint: RealtimeEndpoint
    private let models: EngineModels
    private let shared: EngineConfiguration
    private let server: Server

    static func start(
        _ configuration: Configuration, models: EngineModels, on group: EventLoopGroup, log: Log,
        metrics: MetricsRegistry
    ) async throws(CommandError) -> PrivateEngine {
        let helper = try HelperProgram.speech.path(in: configuration.workersDirectory)
        let pool = WorkerPool(
            WorkerPool.Configuration(executable: helper, size: configuration.speechWorkers),
            name: "speech", log: log, metrics: metrics)
        let synthesizer = SpeechWorkers(pool: pool)
        var engineConfiguration = EngineConfiguration()
        let key = UUID().uuidString
        engineConfiguration.key = key
        engineConfiguration.maxSessions = 2 * configuration.maxSessions + group.loops.count * configuration.upstreamPool
        engineConfiguration.replyPatience = configuration.replyPatience
        engineConfiguration.detector = configuration.engineVAD
        let engine = RealtimeEngine(
            configuration: engineConfiguration, synthesizer: synthesizer, models: models, log: log, metrics: metrics)
        var serverConfiguration = ServerConfiguration(listen: [("127.0.0.1", 0)])
        serverConfiguration.maxConnections = engineConfiguration.maxSessions
        serverConfiguration.maxMessageBytes = engineConfiguration.maxEventBytes
        let server = Server(
            group: group, configuration: serverConfiguration, application: engine, log: log, metrics: metrics)
        do throws(TransportError) {
            let port = try await server.start()[0].port
            let endpoint = RealtimeEndpoint(
                url: "ws://127.0.0.1:\(port)/v1/realtime", model: Self.model, key: Secret(key),
                capabilities: RealtimeCapabilities(speaksVerbatim: true))
            return PrivateEngine(
                synthesizer: synthesizer, endpoint: endpoint, models: models, shared: engineConfiguration,
                server: server)
        } catch {
            await pool.shutdown()
            throw CommandError(.unavailable, "the built-in engine cannot listen on loopback: \(error.message)")
        }
    }

    static let model = "vaani-embedded"

    /// The same engine for other programs, without the key: where nobody has to prove who they are.
    func publicEngine(log: Log, metrics: MetricsRegistry) -> RealtimeEngine {
        var configuration = EngineConfiguration()
        configuration.replyPatience = self.shared.replyPatience
        configuration.detector = self.shared.detector
        return RealtimeEngine(
            configuration: configuration, synthesizer: self.synthesizer, models: self.models, log: log, metrics: metrics
        )
    }

    func stop() async {
        await self.server.close(deadline: .zero)
        await self.synthesizer.pool.shutdown()
    }
}
