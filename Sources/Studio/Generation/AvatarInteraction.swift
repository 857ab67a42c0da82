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

    /// A prompt that was written here; nil where the persona's counts.
    fileprivate var ownPrompt: String? {
        self.systemPrompt.flatMap { $0.contains { !$0.isWhitespace } ? $0 : nil }
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

extension StoredPersona {
    /// The persona as it appears in an interaction, whose own prompt outranks the persona's in every mode.
    public func with(_ interaction: AvatarInteraction) -> StoredPersona {
        guard let prompt = interaction.ownPrompt else { return self }
        var persona = self
        persona.record.config.systemPrompt = prompt
        persona.record.config.prompts = [GenerationMode.learn.rawValue: prompt]
        return persona
    }

    /// Whoever an interaction describes by itself; nil where it does not.
    public init?(alone interaction: AvatarInteraction) {
        guard let prompt = interaction.ownPrompt, let id = PersonaID(interaction.id.rawValue) else { return nil }
        var config = PersonaConfig()
        config.name = "Character"
        config.systemPrompt = prompt
        config.prompts = [GenerationMode.learn.rawValue: prompt]
        self.init(
            record: PersonaRecord(
                id: id, owner: interaction.owner, kind: .generated, config: config, createdAt: interaction.createdAt,
                updatedAt: interaction.createdAt), scenario: nil, scenarioID: nil)
    }
}
