import ClientProtocol
import Foundation
import Personas
import Sessions
import Studio

/// Gives sessions the personas that users made, and divides users between those of an experiment.
public struct VoicePersonas: Sendable {
    private let store: any StudioStore
    private let own: OwnPersonas
    private let selection: PersonaSelection
    private let isShared: Bool

    /// - Parameters:
    ///   - own: how personas of users are compiled.
    ///   - selection: the personas of the product, which experiments may name.
    ///   - isShared: whether anybody may talk with anybody's persona: where nobody has to prove who they are.
    public init(_ store: any StudioStore, own: OwnPersonas, selection: PersonaSelection, isShared: Bool) {
        self.store = store
        self.own = own
        self.selection = selection
        self.isShared = isShared
    }

    /// The persona that a user names, by its own id, by its scenario's, or by an experiment's.
    public func select(_ name: String, mode: String?, user: String) async -> Result<CompiledPersona, PersonaRefusal> {
        do throws(StoreError) {
            if let experiment = try await self.experiment(name) {
                let variant = try await self.store.variant(of: user, in: experiment.id, now: .now)
                return try await self.variant(experiment.persona(variant), of: experiment, mode: mode)
            }
            return try await self.persona(name, of: self.isShared ? nil : user, mode: mode)
        } catch {
            return .failure(PersonaRefusal(.internalError, "the persona could not be looked up; try again"))
        }
    }

    private func experiment(_ name: String) async throws(StoreError) -> Experiment? {
        guard name.hasPrefix("exp_"), let id = RecordID(name) else { return nil }
        return try await found { () throws(StoreError) in try await self.store.experiment(id, of: nil) }
    }

    /// Whoever is told of an experiment takes part: its author lends them the personas.
    private func variant(
        _ name: String, of experiment: Experiment, mode: String?
    ) async throws(StoreError) -> Result<CompiledPersona, PersonaRefusal> {
        let product = self.selection.select(name, mode: mode)
        if case .failure(let refusal) = product, refusal.code == .personaNotFound {
            return try await self.persona(name, of: experiment.owner, mode: mode)
        }
        return product
    }

    private func persona(
        _ name: String, of owner: String?, mode: String?
    ) async throws(StoreError) -> Result<CompiledPersona, PersonaRefusal> {
        guard let stored = try await self.own.persona(name, of: owner) else {
            return .failure(PersonaRefusal(.notFound))
        }
        if let obstacle = stored.record.obstacle { return .failure(PersonaRefusal(.personaNotReady, obstacle)) }
        return .success(self.own.compile(stored, mode: mode))
    }
}
