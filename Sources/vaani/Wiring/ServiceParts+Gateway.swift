import Audio
import Console
import Foundation
import Gateway
import Personas
import Sessions

// What the gateway serves on its parts.
extension ServiceParts {
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
        var services = SessionServices(
            personas: { selection.select($0, mode: $1) },
            defaultPersona: configuration.defaultPersona.isEmpty ? nil : configuration.defaultPersona,
            connector: self.connector,
            decoder: UtteranceDecoder(containers: MediaWorkers(pool: self.media)), greetings: GreetingMemory(),
            greetingCache: configuration.makeGreetingCache(self.log),
            modelName: configuration.modelName,
            clock: LoopClock(), limits: configuration.sessionLimits, metrics: SessionMetrics(self.metrics),
            log: self.log)
        services.prices = configuration.prices
        services.opus = configuration.opus
        services.resumeDesk = configuration.resumeGrace > .zero ? self.resumeDesk : nil
        let stored = VoicePersonas(
            self.studio, own: own, selection: selection, isShared: configuration.authentication == .off,
            hasProvider: self.provider != nil)
        services.storedPersonas = { await stored.select($0, mode: $1, user: $2) }
        let visits = self.visits
        services.onVisits = { visits.add($0, $1) }
        return services
    }
}
