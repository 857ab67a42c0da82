import Foundation
import JSON
import LanguageModels
import Personas

/// A persona in the making.
struct PersonaDraft: Sendable {
    /// What came of asking for one category.
    struct DetailResult: Sendable {
        var fields: [String: JSONValue]?
        var answer: ChatAnswer?
        var failure: LanguageModelError.Code?
    }

    /// A category with fewer fields is asked for once more.
    static let minFields = 5
    let base: BasePersona
    let facts: ScenarioFacts
    let request: GenerationRequest
    var categories: [String] = []
    var details: [String: JSONValue] = [:]
    var rules: ConversationRules?
    var warnings: [String] = []
    /// The model that answered last; nil while none has.
    private(set) var answeredBy: String?

    init(base: BasePersona, facts: ScenarioFacts, request: GenerationRequest) {
        self.base = base
        self.facts = facts
        self.request = request
    }

    mutating func answered(by answer: ChatAnswer) { self.answeredBy = answer.model.isEmpty ? "model" : answer.model }

    mutating func take(_ result: DetailResult, _ name: String) {
        if let answer = result.answer { self.answered(by: answer) }
        guard let fields = result.fields, !fields.isEmpty else {
            self.details[name] = ["error": .string("Failed to generate \(name)")]
            self.warnings.append("\(name) failed: \(result.failure?.rawValue ?? "malformed_answer")")
            return
        }
        self.details[name] = .object(fields)
        if fields.count < Self.minFields {
            self.warnings.append("\(name) has \(fields.count) fields, and \(Self.minFields) are asked for")
        }
    }

    mutating func take(_ rules: Result<ChatAnswer, LanguageModelError>) {
        switch rules {
        case .success(let answer):
            self.answered(by: answer)
            self.rules = ConversationRules(JSONValue(inAnswer: answer.text))
            if self.rules == nil { self.warnings.append("the rules could not be read") }
        case .failure(let error): self.warnings.append("the rules failed: \(error.code.rawValue)")
        }
    }

    func assemble(id: PersonaID, at moment: Date, elapsed: Double) -> GeneratedPersona {
        GeneratedPersona(
            id: id,
            members: [
                "template_id": .string(self.facts.templateID ?? "unknown"),
                "persona_type": .string(self.base.personaType), "mode": .string(self.request.mode.rawValue),
                "scenario_type": .string(self.facts.domain), "name": .string(self.base.name),
                "age": .integer(self.base.age), "gender": .string(self.base.gender), "role": .string(self.base.role),
                "description": .string(self.base.description), "location": self.base.location.json,
                "archetype": .string(self.facts.archetype),
                "archetype_confidence": .number(self.facts.archetypeConfidence),
                "archetype_specific_data": .object(
                    Archetype.data(self.facts.archetype, from: self.base.definition)),
                "detail_categories": .object(self.details),
                "detail_categories_included": .array(self.categories.map { .string($0) }),
                "conversation_rules": (self.rules ?? .fallback).json,
                "generation_metadata": self.metadata(moment, elapsed),
                "prompt": .null, "prompt_mode": .null, "prompt_generated_at": .null,
            ])
    }

    private func metadata(_ moment: Date, _ elapsed: Double) -> JSONValue {
        [
            "generated_by": .string(self.answeredBy ?? EmbeddedModel.name), "fallback": .bool(self.answeredBy == nil),
            "custom_prompt_used": .bool(self.request.customPrompt != nil),
            "custom_prompt": self.request.customPrompt.map { .string($0) } ?? .null,
            "gender_specified": self.request.gender.map { .string($0) } ?? .null,
            "variation_id": self.request.variation.map { .integer($0) } ?? .null,
            "warnings": .array(self.warnings.map { .string($0) }),
            "generated_at": .string(moment.formatted(.iso8601)), "elapsed_ms": .integer(Int(elapsed * 1_000)),
        ]
    }
}

extension JSONValue {
    /// The JSON object in a model's answer, fenced or with prose around it; nil where there is none.
    init?(inAnswer text: String) {
        guard let start = text.firstIndex(of: "{"), let end = text.lastIndex(of: "}"), start < end,
            let value = try? JSONValue(parsing: String(text[start...end]))
        else { return nil }
        self = value
    }
}
