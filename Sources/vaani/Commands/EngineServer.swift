import Engine
import Foundation
import Observability
import Transport

/// Serves an engine on the configured addresses until something happens.
struct EngineServer {
    private let configuration: Configuration
    private let maxEventBytes: Int
    private let log: Log
    private let metrics: MetricsRegistry

    init(_ configuration: Configuration, _ engine: EngineConfiguration, log: Log, metrics: MetricsRegistry) {
        self.configuration = configuration
        self.maxEventBytes = engine.maxEventBytes
        self.log = log
        self.metrics = metrics
    }

    /// Says where the engine is, waits until `end` returns, and closes.
    func serve(
        _ application: any ServerApplication, _ terminal: Terminal, until end: () async -> Void
    ) async throws(CommandError) {
        do throws(TransportError) {
            let loops = self.configuration.loops
            let group = try EventLoopGroup(
                count: loops > 0 ? loops : ProcessInfo.processInfo.activeProcessorCount, log: self.log,
                metrics: self.metrics)
            var configuration = self.configuration.serverConfiguration
            configuration.maxMessageBytes = self.maxEventBytes
            let server = Server(
                group: group, configuration: configuration, application: application, log: self.log,
                metrics: self.metrics)
            let address = try await server.start()[0]
            terminal.print("Realtime engine at ws://\(address.host):\(address.port)/v1/realtime")
            await end()
            await server.close(deadline: .seconds(2))
            await group.shutdown()
        } catch {
            throw CommandError(.unavailable, error.message)
        }
    }
}
