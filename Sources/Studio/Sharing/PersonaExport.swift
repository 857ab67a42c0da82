import Foundation
import JSON

/// A persona as one user gives it to another: everything that its author wrote, and nothing that is secret or that
/// belongs to a provider's account.
public enum PersonaExport {
    public static let format = "vaani.persona"
    public static let version = 1

    public static func document(_ stored: StoredPersona) -> JSONValue {
        var config = stored.record.config
        config.layers = PersonaLayers.withoutSecrets(config.layers)
        // They name things of the account that they were uploaded to.
        config.documentIDs = []
        config.documentTags = []
        config.defaultReplicaID = nil
        var members: [String: JSONValue] = [
            "format": .string(self.format), "version": .integer(self.version), "persona": .object(config.json),
        ]
        members["scenario"] = stored.scenario.map { .object($0.json) }
        return .object(members)
    }

    /// What a document asks for.
    public enum Content: Sendable, Equatable {
        case persona(PersonaConfig)
        case scenario(ScenarioInput)
    }

    /// - Throws: everything that is wrong with it.
    public static func read(_ members: [String: JSONValue]) throws(InvalidInput) -> Content {
        guard members["format"] == .string(self.format), members["version"]?.integer == self.version else {
            throw InvalidInput([Violation("format", "must be \(self.format) of version \(self.version)")])
        }
        guard let persona = members["persona"]?.object else {
            throw InvalidInput([Violation("persona", "must be an object")])
        }
        let config = try PersonaInput.config(persona)
        guard let scenario = members["scenario"], !scenario.isNull else { return .persona(config) }
        guard var fields = scenario.object else {
            throw InvalidInput([Violation("scenario", "must be an object")])
        }
        guard fields.removeValue(forKey: "persona")?.isNull ?? true else {
            throw InvalidInput([Violation("scenario.persona", "must not be there: the persona stands beside it")])
        }
        var input = try ScenarioInput(fields)
        input.persona = config
        return .scenario(input)
    }
}

extension ScenarioDetails {
    /// In the words of the apps.
    public var json: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "title": .string(self.title), "description": .string(self.description),
            "category": .string(self.category.rawValue), "duration": .integer(self.duration),
            "tags": .array(self.tags.map { .string($0) }),
        ]
        members["difficulty"] = self.difficulty.map { .string($0.rawValue) }
        members["imageUrl"] = self.imageURL.map { .string($0) }
        return members
    }
}
