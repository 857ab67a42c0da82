import Gateway
import Interviews
import Observability
import Personas
import Sessions

/// Interviews by text and by voice, over the same files.
struct InterviewServices: Sendable {
    let service: InterviewService
    let calls: InterviewCalls

    init(
        _ configuration: Configuration, dataDirectory: String, models: ModelServices?, log: Log,
        catalog: @escaping @Sendable () -> PersonaCatalog
    ) throws(CommandError) {
        self.service = try InterviewService(configuration, dataDirectory: dataDirectory, models: models)
        self.calls = InterviewCalls(
            self.service, folder: try PersonaFolder.find(configuration.personas), catalog: catalog, log: log)
    }

    /// Has sessions find the interviewer and the user's own persona, and tell what is said to the interviewer.
    func join(_ services: inout SessionServices) {
        let calls = self.calls
        let (personas, stored, onVisits) = (services.personas, services.storedPersonas, services.onVisits)
        // They differ from user to user: they are always fetched.
        services.personas = { name, mode in
            InterviewCalls.owns(name)
                ? .failure(PersonaRefusal(.personaNotFound, "there is no persona of that id")) : personas(name, mode)
        }
        services.storedPersonas = { name, mode, user in
            if let own = await calls.select(name, mode: mode, user: user) { return own }
            let unknown = PersonaRefusal(.personaNotFound, "there is no persona of that id")
            return await stored?(name, mode, user) ?? .failure(unknown)
        }
        services.onWords = { calls.heard($0, $1, $2) }
        services.onVisits = { identity, visits in
            calls.ended(identity, visits.map(\.persona))
            onVisits?(identity, visits)
        }
    }
}

extension InterviewService {
    init(_ configuration: Configuration, dataDirectory: String, models: ModelServices?) throws(CommandError) {
        let roles = configuration.models
        self.init(
            store: InterviewStore(directory: dataDirectory),
            roles: InterviewRoles(folder: try PersonaFolder.find(configuration.personas)), model: models?.chat,
            modelName: { roles?.role($0)?.model }, isReadOnly: configuration.personasReadOnly)
    }
}
