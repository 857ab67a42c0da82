import Personas
import Studio

/// Everything that users make, over HTTP.
public struct StudioRoutes: Sendable {
    private let store: any StudioStore
    private let catalog: @Sendable () -> PersonaCatalog

    /// - Parameters:
    ///   - store: keeps it.
    ///   - catalog: the personas of the product, which templates and experiments refer to.
    public init(_ store: any StudioStore, catalog: @escaping @Sendable () -> PersonaCatalog) {
        self.store = store
        self.catalog = catalog
    }

    public var routes: [Route] {
        let scenarios = ScenarioRoutes(store: self.store, templates: PersonaTemplates(catalog: self.catalog))
        let own = OwnPersonas(self.store, catalog: self.catalog)
        let personas = OwnPersonaRoutes(store: self.store, own: own, scenarios: scenarios, catalog: self.catalog)
        let experiments = ExperimentRoutes(store: self.store, own: own, catalog: self.catalog)
        return scenarios.routes + personas.routes + experiments.routes
    }
}
