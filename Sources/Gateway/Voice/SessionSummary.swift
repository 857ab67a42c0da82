import Foundation
import JSON
import Sessions

/// What an operator sees of a session: ids, sizes and times, nothing that was said.
public struct SessionSummary: Sendable, Equatable {
    public var id: String
    public var user: String
    public var flavour: SessionFlavour
    public var status: SessionStatus
    public var remoteAddress: String
    public var openedAt: Date

    var json: JSONValue {
        [
            "session_id": .string(self.id), "user": .string(self.user), "endpoint": .string(self.flavour.rawValue),
            "persona": self.status.personaID.map { .string($0) } ?? .null,
            "persona_sha256": self.status.personaHash.map { .string($0) } ?? .null,
            "upstreams": .integer(self.status.upstreams), "turns": .integer(self.status.turns),
            "remote_address": .string(self.remoteAddress), "opened_at": .string(self.openedAt.formatted(.iso8601)),
        ]
    }
}
