import Gateway
import LanguageModels
import Observability
import Storage
import Studio

extension PersonaStudio {
    /// What makes personas, with the library of categories that is beside the personas.
    ///
    /// - Parameter model: writes them; nil leaves it to the embedded model.
    /// - Returns: nil where there is no library that can be read.
    static func make(
        _ configuration: Configuration, _ store: StudioDatabase, model: (any LanguageModel)?, log: Log
    ) -> PersonaStudio? {
        guard let library = CategoryLibrary.find(configuration.personas, log) else { return nil }
        var limits = PromptJobs.Limits()
        limits.personasAtOnce = configuration.jobPersonasAtOnce
        limits.personasInAll = 4 * configuration.jobPersonasAtOnce
        limits.lifetime = configuration.jobLifetime
        limits.sweep = min(limits.sweep, max(.seconds(1), configuration.jobLifetime / 4))
        let patient = model.map {
            PatientModel(
                $0, perMinute: configuration.modelCallsPerMinute > 0 ? configuration.modelCallsPerMinute : nil,
                perUser: configuration.modelCallsPerUser > 0 ? configuration.modelCallsPerUser : nil)
        }
        return PersonaStudio(
            store: store, library: library, model: patient, locale: configuration.localeContext, limits: limits,
            log: log)
    }

    /// Goes on with what the last stop of the program has interrupted.
    func resumeJobs() async throws(CommandError) {
        do throws(StoreError) {
            try await self.jobs.start()
        } catch {
            throw CommandError(.cannotKeep, "data_dir: \(error.description)")
        }
    }
}

extension GenerationRoutes {
    init(_ studio: PersonaStudio, _ configuration: Configuration, _ documents: DocumentWorkers?) {
        self.init(
            studio, documents: documents, stream: JobStream(keepAlive: configuration.jobKeepAlive),
            redirectsFirstVersion: configuration.finalPrompts == .redirected)
    }
}

extension CategoryLibrary {
    /// In the folder of the personas, else in the one that comes with the program.
    static func find(_ setting: String, _ log: Log) -> CategoryLibrary? {
        var problems: [CategoryProblem] = []
        for place in setting.isEmpty ? [""] : [setting, ""] {
            guard let folder = try? PersonaFolder.find(place) else { continue }
            do throws(CategoryProblem) {
                let library = try CategoryLibrary(folder: folder, problems: &problems)
                for problem in problems { log.warning("categories left out", [.reason: .text(problem.description)]) }
                return library
            } catch {
                problems = [error]
            }
        }
        let reason = problems.first?.description ?? "there is no folder of personas"
        log.warning("no personas can be generated", [.reason: .text(reason)])
        return nil
    }
}
