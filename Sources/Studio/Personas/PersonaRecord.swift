import Foundation
import Personas

/// A persona that a user made.
public struct PersonaRecord: Sendable, Equatable {
    public var id: PersonaID
    public var owner: String
    public var kind: PersonaKind
    public var config: PersonaConfig
    /// How far the provider is with it; nil for a persona that exists here alone.
    public var sync: SyncState?
    /// Counts what its author changed, from 1.
    public var version = 1
    public var createdAt: Date
    public var updatedAt: Date

    public init(
        id: PersonaID, owner: String, kind: PersonaKind, config: PersonaConfig, sync: SyncState? = nil,
        createdAt: Date, updatedAt: Date
    ) {
        self.id = id
        self.owner = owner
        self.kind = kind
        self.config = config
        self.sync = sync
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// A new id.
    public static func newID() -> PersonaID {
        guard let id = PersonaID(RecordID.new("per").rawValue) else { preconditionFailure("a made id is legal") }
        return id
    }

    /// Why nobody can talk with it yet; nil where one can.
    public var obstacle: String? {
        switch self.sync?.status {
        case nil, .ready: nil
        case .queued: "this persona waits to be made; try again in a moment"
        case .processing: "this persona is being made; try again in a moment"
        case .error: "this persona could not be made: \(self.sync?.failure?.message ?? "the provider refused it")"
        }
    }
}
