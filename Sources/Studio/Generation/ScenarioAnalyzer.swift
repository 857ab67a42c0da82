import JSON
import LanguageModels

/// Turns a document into the data of a template.
public struct ScenarioAnalyzer: Sendable {
    /// Of a document, in Unicode scalars: about fifteen thousand tokens.
    public static let maxScalars = 60_000
    private let model: any LanguageModel
    private let embedded: EmbeddedModel
    private let locale: String

    public init(model: any LanguageModel, embedded: EmbeddedModel, locale: String = "India") {
        self.model = model
        self.embedded = embedded
        self.locale = locale
    }

    /// A template in any case: without a model's answer it is made by rules, and says so.
    public func analyze(_ document: String, name: String, payer: String? = nil) async -> [String: JSONValue] {
        let call = GenerationCalls(locale: self.locale, payer: payer).analysis(document, name: name)
        if let answer = try? await self.model.answer(call), var data = JSONValue(inAnswer: answer.text)?.object,
            data["persona_definitions"]?.object?.isEmpty == false
        {
            self.complete(&data, document, by: answer.model)
            return data
        }
        var data = self.embedded.templateData(document, name: name)
        data["generation_metadata"] = [
            "generated_by": .string(EmbeddedModel.name), "fallback": .bool(!(self.model is EmbeddedModel)),
        ]
        return data
    }

    public func classify(_ document: String, payer: String? = nil) async -> ArchetypeClassification {
        let call = GenerationCalls(locale: self.locale, payer: payer).classification(document)
        if let answer = try? await self.model.answer(call),
            let found = JSONValue(inAnswer: answer.text).flatMap({ ArchetypeClassification($0) })
        {
            return found
        }
        return ArchetypeClassification(counting: document)
    }

    private func complete(_ data: inout [String: JSONValue], _ document: String, by model: String) {
        if ArchetypeClassification(data["archetype_classification"] ?? .null) == nil {
            data["archetype_classification"] = ArchetypeClassification(counting: document).json
        }
        data["generation_metadata"] = ["generated_by": .string(model), "fallback": false]
    }
}
