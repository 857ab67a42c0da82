import Personas
import Sessions
import Studio

/// The personas that users made, as somebody to talk to.
public struct OwnPersonas: Sendable {
    private let store: any StudioStore
    private let catalog: @Sendable () -> PersonaCatalog

    /// - Parameter catalog: how personas of the product are compiled, those of users are too.
    public init(_ store: any StudioStore, catalog: @escaping @Sendable () -> PersonaCatalog) {
        self.store = store
        self.catalog = catalog
    }

    /// A persona by its own id or by its scenario's; nil where there is none of that owner.
    ///
    /// - Parameter owner: nil for whoever made it.
    func persona(_ name: String, of owner: String?) async throws(StoreError) -> StoredPersona? {
        guard let id = PersonaID(name), let scenario = RecordID(name) else { return nil }
        if let persona = try await found({ () throws(StoreError) in try await self.store.persona(id, of: owner) }) {
            return persona
        }
        return try await found { () throws(StoreError) in
            try await self.store.persona(ofScenario: scenario, of: owner)
        }
    }

    func compile(_ stored: StoredPersona, mode: String?) -> CompiledPersona {
        var warnings: [String] = []
        let persona = stored.persona(in: mode, &warnings)
        var compiled = self.catalog().compile(persona, mode: mode)
        compiled.warnings += warnings
        return compiled
    }
}

/// What a look-up gives, or nil where there is nothing of that id.
func found<Value>(_ look: () async throws(StoreError) -> Value) async throws(StoreError) -> Value? {
    do throws(StoreError) {
        return try await look()
    } catch {
        guard error.code == .notFound else { throw error }
        return nil
    }
}
