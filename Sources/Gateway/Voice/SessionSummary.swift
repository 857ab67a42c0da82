import Foundation
import JSON

/// What an operator sees of a session: ids, sizes and times, nothing that was said.
public struct SessionSummary: Sendable, Equatable {
    public var id: String
    public var user: String
    public var flavour: SessionFlavour
    /// nil until one was chosen.
    public var persona: String?
    public var remoteAddress: String
    public var openedAt: Date

    var json: JSONValue {
        [
            "session_id": .string(self.id), "user": .string(self.user), "endpoint": .string(self.flavour.rawValue),
            "persona": self.persona.map { .string($0) } ?? .null, "remote_address": .string(self.remoteAddress),
            "opened_at": .string(self.openedAt.formatted(.iso8601)),
        ]
    }
}
