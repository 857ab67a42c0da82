import Personas
import Studio

/// Everything that users make, over HTTP.
public struct StudioRoutes: Sendable {
    private let store: any StudioStore
    private let catalog: @Sendable () -> PersonaCatalog
    private let provider: ProviderAccess

    /// - Parameters:
    ///   - store: keeps it.
    ///   - catalog: the personas of the product, which templates and experiments refer to.
    ///   - provider: where personas may be shown as well.
    public init(
        _ store: any StudioStore, provider: ProviderAccess = .none, catalog: @escaping @Sendable () -> PersonaCatalog
    ) {
        self.store = store
        self.provider = provider
        self.catalog = catalog
    }

    public var routes: [Route] {
        let scenarios = ScenarioRoutes(
            store: self.store, templates: PersonaTemplates(catalog: self.catalog), provider: self.provider)
        let own = OwnPersonas(self.store, catalog: self.catalog)
        let personas = OwnPersonaRoutes(
            store: self.store, own: own, scenarios: scenarios, provider: self.provider, catalog: self.catalog)
        let experiments = ExperimentRoutes(store: self.store, own: own, catalog: self.catalog)
        return scenarios.routes + personas.routes + experiments.routes
            + ProviderRoutes(self.provider, quota: self.store).routes
            + ProviderPersonaRoutes(access: self.provider, store: self.store).routes
    }
}
