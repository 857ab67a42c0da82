import ClientProtocol
import Foundation
import Personas
import Sessions
import Studio

/// Gives sessions the personas that users made, and divides users between those of an experiment.
public struct VoicePersonas: Sendable {
    private let store: any StudioStore & InteractionStore
    private let own: OwnPersonas
    private let selection: PersonaSelection
    private let isShared: Bool
    private let hasProvider: Bool

    /// - Parameters:
    ///   - own: how personas of users are compiled.
    ///   - selection: the personas of the product, which experiments may name.
    ///   - isShared: whether anybody may talk with anybody's persona: where nobody has to prove who they are.
    ///   - hasProvider: whether there is somebody who makes personas ready; else none waits for that.
    public init(
        _ store: any StudioStore & InteractionStore, own: OwnPersonas, selection: PersonaSelection, isShared: Bool,
        hasProvider: Bool = true
    ) {
        self.store = store
        self.own = own
        self.selection = selection
        self.isShared = isShared
        self.hasProvider = hasProvider
    }

    /// The persona that a user names, by its own id, by its scenario's, by an interaction's, or by an experiment's.
    public func select(_ name: String, mode: String?, user: String) async -> Result<CompiledPersona, PersonaRefusal> {
        do throws(StoreError) {
            if let experiment = try await self.experiment(name) {
                let variant = try await self.store.variant(of: user, in: experiment.id, now: .now)
                return try await self.variant(experiment.persona(variant), of: experiment, mode: mode)
            }
            let owner = self.isShared ? nil : user
            if let interaction = try await self.interaction(name, of: owner) {
                return try await self.persona(of: interaction, mode: mode)
            }
            return try await self.persona(name, of: owner, mode: mode)
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
        return self.compile(stored, mode: mode)
    }

    private func compile(_ stored: StoredPersona, mode: String?) -> Result<CompiledPersona, PersonaRefusal> {
        if self.hasProvider, let obstacle = stored.record.obstacle {
            return .failure(PersonaRefusal(.personaNotReady, obstacle))
        }
        return .success(self.own.compile(stored, mode: mode))
    }

    // MARK: Interactions

    private func interaction(_ name: String, of owner: String?) async throws(StoreError) -> AvatarInteraction? {
        guard name.hasPrefix("int_"), let id = RecordID(name) else { return nil }
        return try await found { () throws(StoreError) in try await self.store.interaction(id, of: owner) }
    }

    /// Read when somebody talks: what was edited since counts.
    private func persona(
        of interaction: AvatarInteraction, mode: String?
    ) async throws(StoreError) -> Result<CompiledPersona, PersonaRefusal> {
        let mode = mode ?? interaction.mode.rawValue
        guard let name = interaction.personaID?.rawValue else {
            guard let stored = StoredPersona(alone: interaction) else {
                return .failure(
                    PersonaRefusal(.personaNotReady, "this interaction has neither a persona nor a system_prompt"))
            }
            return self.compile(stored, mode: mode)
        }
        guard let stored = try await self.own.persona(name, of: interaction.owner) else {
            return .failure(PersonaRefusal(.notFound))
        }
        return self.compile(stored.with(interaction), mode: mode)
    }
}
