import Foundation
import JSON
import Personas

/// How a persona appears to learners: in which mode, with which faces and languages.
public struct AvatarInteraction: Sendable, Equatable {
    public var id: RecordID
    public var owner: String
    public var mode: GenerationMode
    /// Its prompt is read when somebody talks, so that an edit counts from the next session on.
    public var personaID: PersonaID?
    /// nil leaves the prompt to the persona.
    public var systemPrompt: String?
    /// `avatars`, `languages`, `bot_voices`, and whatever else its author put there.
    public var body: [String: JSONValue]
    public var createdAt: Date

    public init(
        id: RecordID, owner: String, mode: GenerationMode, personaID: PersonaID?, systemPrompt: String?,
        body: [String: JSONValue], createdAt: Date
    ) {
        self.id = id
        self.owner = owner
        self.mode = mode
        self.personaID = personaID
        self.systemPrompt = systemPrompt
        self.body = body
        self.createdAt = createdAt
    }

    public var json: JSONValue {
        var members = self.body
        members["id"] = .string(self.id.rawValue)
        members["mode"] = .string(self.mode.rawValue)
        members["persona_id"] = self.personaID.map { .string($0.rawValue) } ?? .null
        members["system_prompt"] = self.systemPrompt.map { .string($0) } ?? .null
        members["created_at"] = .string(self.createdAt.formatted(.iso8601))
        return .object(members)
    }
}
