import Observability
import Personas

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
