import Foundation
import JSON

/// A scenario as data: what it is about, and who belongs in it. Made from a document, then edited by its owner.
public struct ScenarioTemplate: Sendable, Equatable {
    public var id: RecordID
    public var owner: String
    public var name: String
    /// `general_info`, `context_overview`, `persona_definitions`, `archetype_classification`, and whatever else its
    /// owner put there.
    public var data: [String: JSONValue]
    /// Counts what its owner changed, from 1.
    public var version = 1
    public var createdAt: Date
    public var updatedAt: Date

    public init(
        id: RecordID, owner: String, name: String, data: [String: JSONValue], createdAt: Date, updatedAt: Date
    ) {
        self.id = id
        self.owner = owner
        self.name = name
        self.data = data
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// What the pipeline reads of a template's data. Every part may be missing.
public struct ScenarioFacts: Sendable, Equatable {
    /// nil for data that is kept nowhere.
    public var templateID: String?
    public var data: [String: JSONValue]

    public init(templateID: String?, data: [String: JSONValue]) {
        self.templateID = templateID
        self.data = data
    }

    public init(_ template: ScenarioTemplate) {
        self.init(templateID: template.id.rawValue, data: template.data)
    }

    public var domain: String { self.data["general_info"]?["domain"]?.text(orElse: nil) ?? "general" }

    public var title: String {
        self.data["context_overview"]?["scenario_title"]?.text(orElse: nil)
            ?? self.data["general_info"]?["title"]?.text(orElse: nil) ?? "Scenario"
    }

    public var context: JSONValue { self.data["context_overview"] ?? [:] }

    /// As the template writes it; it need be none that is known.
    public var archetype: String {
        self.classification["primary_archetype"]?.text(orElse: nil)
            ?? self.data["archetype"]?.text(orElse: nil) ?? Archetype.helpSeeking.rawValue
    }

    public var archetypeConfidence: Double {
        let confidence = self.classification["confidence_score"] ?? self.data["archetype_confidence"]
        return min(1, max(0, confidence?.double ?? 0.8))
    }

    private var classification: JSONValue { self.data["archetype_classification"] ?? [:] }

    /// What the template says of the person of a mode: of its own, else of the one who is assessed with.
    func definition(_ mode: GenerationMode) -> [String: JSONValue] {
        let definitions = self.data["persona_definitions"]
        for key in [mode.definitionKey, GenerationMode.assess.definitionKey] {
            if let found = definitions?[key]?.object, !found.isEmpty { return found }
        }
        return [:]
    }
}

extension JSONValue {
    /// A text that is not blank.
    func text(orElse other: String?) -> String? {
        guard let text = self.string, !text.isBlank else { return other }
        return text
    }
}
