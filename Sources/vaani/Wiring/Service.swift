import Audio
import Engine
import Console
import Foundation
import Gateway
import Interviews
import Observability
import Personas
import RealtimeProtocol
import Sessions
import Storage
import Studio
import Transport
import Upstream
import Workers

/// A running gateway. Together with its extension the only place that knows every concrete type; what it opened, it
/// closes.
struct Service: Sendable {
    let addresses: [ListeningAddress]
    let personas: PersonaStore
    /// What came of reading the personas at the start.
    let firstReport: ReloadReport
    private let parts: Parts
    private let server: Server
    private let gateway: GatewayApplication
    private let interviews: InterviewServices
    /// nil where nothing of users may be changed.
    private let sweep: InterviewSweep?
    /// What judges tokens; nil where nobody is asked for one.
    private let authority: TokenAuthority?
    private let drainTimeout: Duration
    private let log: Log

    /// What a gateway stands on, in the order in which it was opened.
    fileprivate struct Parts: Sendable {
        let group: EventLoopGroup
        let media: WorkerPool
        /// Nil where their helper is missing.
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

    /// Starts everything; when this returns, users may come.
    ///
    /// - Parameter dataDirectory: where scenarios and their like are kept.
    static func start(
        _ configuration: Configuration, dataDirectory: String, log: Log
    ) async throws(CommandError) -> Service {
        for address in configuration.listen where !configuration.listenShared { try PortProbe.check(address) }
        var report = ReloadReport()
        let personas = try PersonaStore.open(configuration, &report)
        report.log(to: log)
        let studio = try DataDirectory.open(dataDirectory)
        let parts: Parts
        do throws(CommandError) {
            parts = try await Parts.open(configuration, studio, log, MetricsRegistry())
        } catch {
            studio.close()
            throw error
        }
        do throws(CommandError) {
            try await studio.complete(log)
            try await parts.makers?.resumeJobs()
            await parts.provider?.start()
            return try await Service(configuration, personas, report, parts, dataDirectory: dataDirectory)
        } catch {
            await parts.close()
            throw error
        }
    }

    private init(
        _ configuration: Configuration, _ personas: PersonaStore, _ report: ReloadReport, _ parts: Parts,
        dataDirectory: String
    ) async throws(CommandError) {
        self.personas = personas
        self.firstReport = report
        self.parts = parts
        self.log = parts.log
        self.drainTimeout = configuration.drainTimeout
        let gatewayConfiguration = try configuration.gatewayConfiguration
        self.authority = if case .tokens(let authority) = gatewayConfiguration.access { authority } else { nil }
        self.interviews = try InterviewServices(
            configuration, dataDirectory: dataDirectory, models: parts.models, log: parts.log,
            catalog: { personas.catalog })
        self.gateway = parts.gateway(configuration, gatewayConfiguration, personas, self.interviews)
        let isOpen = configuration.authentication == .off
        let engine = isOpen ? parts.engine?.publicEngine(log: parts.log, metrics: parts.metrics) : nil
        self.server = Server(
            group: parts.group, configuration: configuration.serverConfiguration,
            application: FrontDoor(gateway: self.gateway, engine: engine), log: parts.log, metrics: parts.metrics)
        do throws(TransportError) {
            self.addresses = try await self.server.start()
        } catch {
            throw CommandError(.unavailable, error.message)
        }
        parts.connector.start(on: parts.group.loops)
        self.sweep = configuration.personasReadOnly ? nil : InterviewSweep(self.interviews.service, log: parts.log)
    }

    /// Reads the personas again, and takes the keys of a configuration that was read again; sessions keep what they have.
    ///
    /// - Parameter configuration: nil where it cannot be read: then the old keys stay.
    func reload(_ configuration: Configuration?) {
        self.personas.reload().log(to: self.log)
        guard let authority = self.authority else { return }
        guard let configuration, configuration.tokenAuthority != nil else {
            return self.log.warning("keys not reloaded: those in force stay")
        }
        authority.replaceKeys(configuration.tokenKeys, trusted: configuration.trusted)
        self.log.notice("keys loaded", [.count: .integer(configuration.tokenKeys.count)])
    }

    /// Lets nobody in any more, waits for the conversations to end as long as the configuration says, and closes
    /// everything.
    func stop() async {
        self.log.notice("draining", [.count: .integer(self.gateway.registry.count)])
        self.parts.connector.stopDialling()
        await self.server.stopAccepting()
        self.gateway.registry.drain(by: .now + self.drainTimeout)
        self.parts.resumeDesk.close()
        let registry = self.gateway.registry
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await registry.waitUntilEmpty() }
            group.addTask { try? await Task.sleep(for: self.drainTimeout) }
            await group.next()
            group.cancelAll()
            // Whoever is left is cut off now, which ends the wait for them.
            await self.server.close(deadline: .seconds(1))
        }
        await self.interviews.calls.close()
        await self.sweep?.stop()
        await self.parts.close()
        self.log.notice("stopped")
    }
}

extension Service.Parts {
    static func open(
        _ configuration: Configuration, _ studio: StudioDatabase, _ log: Log, _ metrics: MetricsRegistry
    ) async throws(CommandError) -> Service.Parts {
        let helper = try HelperProgram.media.path(in: configuration.workersDirectory)
        let group: EventLoopGroup
        do throws(TransportError) {
            let count = configuration.loops > 0 ? configuration.loops : ProcessInfo.processInfo.activeProcessorCount
            group = try EventLoopGroup(count: count, log: log, metrics: metrics)
        } catch {
            throw CommandError(.unavailable, error.message)
        }
        metrics.addProcessFigures()
        let media = WorkerPool(
            WorkerPool.Configuration(executable: helper, size: configuration.mediaWorkers), name: "media", log: log,
            metrics: metrics)
        do throws(CommandError) {
            // Its thread ends with it where the start fails.
            let models = try ModelServices.open(configuration, log: log, metrics: metrics)
            let asked = models?.forEngine ?? EngineModels()
            let engine =
                configuration.usesEmbeddedEngine
                ? try await PrivateEngine.start(configuration, models: asked, on: group, log: log, metrics: metrics)
                : nil
            do throws(CommandError) {
                let connector = try Self.connector(configuration, engine, log, metrics)
                let provider = try ProviderServices.open(configuration, studio, log: log, metrics: metrics)
                return Service.Parts(
                    group: group, media: media,
                    documents: .find(in: configuration.workersDirectory, log: log, metrics: metrics), models: models,
                    engine: engine, connector: connector, studio: studio,
                    visits: VisitJournal(studio, log: log),
                    makers: PersonaStudio.make(configuration, studio, model: models?.chat, log: log),
                    provider: provider, log: log, metrics: metrics)
            } catch {
                await engine?.stop()
                throw error
            }
        } catch {
            await media.shutdown()
            await group.shutdown()
            throw error
        }
    }

    func gateway(
        _ configuration: Configuration, _ gatewayConfiguration: GatewayConfiguration, _ personas: PersonaStore,
        _ interviews: InterviewServices
    ) -> GatewayApplication {
        let log = self.log
        let own = OwnPersonas(self.studio) { personas.catalog }
        let routes =
            PersonaRoutes(personas, own: own) { $0.log(to: log) }.routes + TalkPage.routes
            + StudioRoutes(self.studio, provider: configuration.access(to: self.provider)) { personas.catalog }.routes
            + (self.makers.map { GenerationRoutes($0, configuration, self.documents).routes } ?? [])
            + InterviewRoutes(interviews.service) { personas.catalog }.routes
        var services = self.services(configuration, personas, own)
        interviews.join(&services)
        return GatewayApplication(
            configuration: gatewayConfiguration, voice: VoiceService(services, configuration: gatewayConfiguration),
            loops: self.group.loops, routes: routes, page: TalkPage.page,
            status: {
                var status = ServiceStatus(
                    model: configuration.modelName, upstream: configuration.upstreamName,
                    personas: personas.catalog.personas.count)
                status.interviews = interviews.service.status
                return status
            }, log: self.log, metrics: self.metrics)
    }

    private func services(
        _ configuration: Configuration, _ personas: PersonaStore, _ own: OwnPersonas
    ) -> SessionServices {
        let now: (@Sendable () -> Date)? = configuration.openingHours ? { @Sendable in Date() } : nil
        let selection = PersonaSelection(now: now) { personas.catalog }
        var limits = SessionLimits()
        limits.maxMessageBytes = configuration.maxMessageBytes.count
        limits.conversation.setUp = configuration.upstreamSetUpTimeout
        limits.conversation.firstOutput = configuration.upstreamAnswerTimeout
        limits.pingSeconds = Int(configuration.pingInterval / .seconds(1))
        limits.conversation.idleNudge = configuration.idleNudge > .zero ? configuration.idleNudge : nil
        limits.resumeGrace = configuration.resumeGrace
        limits.supersededGrace = min(limits.supersededGrace, configuration.resumeGrace)
        var services = SessionServices(
            personas: { selection.select($0, mode: $1) },
            defaultPersona: configuration.defaultPersona.isEmpty ? nil : configuration.defaultPersona,
            connector: self.connector,
            decoder: UtteranceDecoder(containers: MediaWorkers(pool: self.media)), greetings: GreetingMemory(),
            greetingCache: configuration.makeGreetingCache(self.log),
            modelName: configuration.modelName,
            clock: LoopClock(), limits: limits, metrics: SessionMetrics(self.metrics), log: self.log)
        services.prices = configuration.prices
        services.opus = configuration.opus
        services.resumeDesk = configuration.resumeGrace > .zero ? self.resumeDesk : nil
        let stored = VoicePersonas(
            self.studio, own: own, selection: selection, isShared: configuration.authentication == .off)
        services.storedPersonas = { await stored.select($0, mode: $1, user: $2) }
        let visits = self.visits
        services.onVisits = { visits.add($0, $1) }
        return services
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

extension PersonaStore {
    static func open(_ configuration: Configuration, _ report: inout ReloadReport) throws(CommandError) -> PersonaStore
    {
        let folder = try PersonaFolder.find(configuration.personas)
        do throws(PersonaProblem) {
            return try PersonaStore(folder: folder, report: &report)
        } catch {
            throw CommandError(.configuration, "personas: \(error.description)")
        }
    }
}

extension StudioDatabase {
    /// Brings what an older version kept up to date.
    fileprivate func complete(_ log: Log) async throws(CommandError) {
        do throws(StoreError) {
            let count = try await self.backfill()
            if count > 0 { log.notice("older scenarios completed", [.count: .integer(count)]) }
        } catch {
            throw CommandError(.cannotKeep, "data_dir: \(error.description)")
        }
    }
}

extension ReloadReport {
    /// Ids and reasons: an operator should mend what was refused.
    func log(to log: Log) {
        for rejection in self.rejected {
            log.warning("persona rejected", [.personaID: .text(rejection.id), .reason: .text(rejection.reason)])
        }
        if self.isInForce {
            log.notice("personas loaded", [.count: .integer(self.loaded)])
        } else {
            log.warning("personas not reloaded: those in force stay", [.count: .integer(self.loaded)])
        }
    }
}
