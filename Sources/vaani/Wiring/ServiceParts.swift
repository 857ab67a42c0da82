import Engine
import Foundation
import Gateway
import Observability
import Sessions
import Storage
import Studio
import Transport
import Upstream
import Workers

/// What a gateway stands on, in the order in which it was opened.
struct ServiceParts: Sendable {
    let group: EventLoopGroup
    let media: WorkerPool
    /// nil where their helper is missing.
    let documents: DocumentWorkers?
    let models: ModelServices?
    let engine: PrivateEngine?
    let connector: RealtimeClientConnector
    let resumeDesk = ResumeDesk()
    let studio: StudioDatabase
    let visits: VisitJournal
    /// Makes personas; nil where the library of categories is missing.
    let makers: PersonaStudio?
    /// nil where personas exist here alone.
    let provider: ProviderServices?
    let log: Log
    let metrics: MetricsRegistry

    func close() async {
        await self.makers?.jobs.stop()
        await self.visits.close()
        await self.provider?.stop()
        self.studio.close()
        await self.provider?.close()
        await self.engine?.stop()
        await self.models?.close()
        await self.documents?.shutdown()
        await self.media.shutdown()
        await self.group.shutdown()
    }
}

extension ServiceParts {
    static func open(
        _ configuration: Configuration, _ studio: StudioDatabase, _ log: Log, _ metrics: MetricsRegistry
    ) async throws(CommandError) -> ServiceParts {
        let helper = try HelperProgram.media.path(in: configuration.workersDirectory)
        let group = try self.loops(configuration, log, metrics)
        metrics.addProcessFigures()
        let media = WorkerPool(
            WorkerPool.Configuration(executable: helper, size: configuration.mediaWorkers), name: "media", log: log,
            metrics: metrics)
        do throws(CommandError) {
            return try await self.open(configuration, studio, group, media, log, metrics)
        } catch {
            await media.shutdown()
            await group.shutdown()
            throw error
        }
    }

    private static func loops(
        _ configuration: Configuration, _ log: Log, _ metrics: MetricsRegistry
    ) throws(CommandError) -> EventLoopGroup {
        let count = configuration.loops > 0 ? configuration.loops : ProcessInfo.processInfo.activeProcessorCount
        do throws(TransportError) {
            return try EventLoopGroup(count: count, log: log, metrics: metrics)
        } catch {
            throw CommandError(.unavailable, error.message)
        }
    }

    private static func open(
        _ configuration: Configuration, _ studio: StudioDatabase, _ group: EventLoopGroup, _ media: WorkerPool,
        _ log: Log, _ metrics: MetricsRegistry
    ) async throws(CommandError) -> ServiceParts {
        // The threads of models and provider end with them where the start fails.
        let models = try ModelServices.open(configuration, log: log, metrics: metrics)
        let provider = try ProviderServices.open(configuration, studio, log: log, metrics: metrics)
        let engine =
            configuration.usesEmbeddedEngine
            ? try await PrivateEngine.start(
                configuration, models: models?.forEngine ?? EngineModels(), on: group, log: log, metrics: metrics)
            : nil
        do throws(CommandError) {
            return ServiceParts(
                group: group, media: media,
                documents: .find(in: configuration.workersDirectory, log: log, metrics: metrics), models: models,
                engine: engine, connector: try self.connector(configuration, engine, log, metrics), studio: studio,
                visits: VisitJournal(studio, log: log),
                makers: PersonaStudio.make(configuration, studio, model: models?.chat, log: log),
                provider: provider, log: log, metrics: metrics)
        } catch {
            await engine?.stop()
            throw error
        }
    }

    private static func connector(
        _ configuration: Configuration, _ engine: PrivateEngine?, _ log: Log, _ metrics: MetricsRegistry
    ) throws(CommandError) -> RealtimeClientConnector {
        do throws(TransportError) {
            return try RealtimeClientConnector(
                endpoint: engine?.endpoint ?? configuration.endpoint, fallback: configuration.fallbackEndpoint,
                settings: configuration.upstreamSettings, log: log, metrics: metrics)
        } catch {
            let keys = configuration.fallbackEndpoint == nil ? "upstream_url" : "upstream_url, upstream_fallback_url"
            throw CommandError(.configuration, "\(keys): \(error.message)")
        }
    }
}
