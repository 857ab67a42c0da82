import Gateway
import Interviews
import Observability
import Personas
import Sessions
import Storage
import Studio
import Transport
import Upstream

/// A running gateway. What it opened, it closes; its parts know every concrete type.
struct Service: Sendable {
    let addresses: [ListeningAddress]
    let personas: PersonaStore
    /// What came of reading the personas at the start.
    let firstReport: ReloadReport
    private let parts: ServiceParts
    private let server: Server
    private let gateway: GatewayApplication
    private let interviews: InterviewServices
    /// nil where nothing of users may be changed.
    private let sweep: InterviewSweep?
    /// What judges tokens; nil where nobody is asked for one.
    private let authority: TokenAuthority?
    private let drainTimeout: Duration
    private let log: Log

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
        let parts: ServiceParts
        do throws(CommandError) {
            parts = try await ServiceParts.open(configuration, studio, log, MetricsRegistry())
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
        _ configuration: Configuration, _ personas: PersonaStore, _ report: ReloadReport, _ parts: ServiceParts,
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
