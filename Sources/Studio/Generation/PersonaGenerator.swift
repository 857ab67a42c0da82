import Foundation
import JSON
import LanguageModels
import Observability
import Personas

/// Makes a person of a scenario: base, choice of categories, details of each at once, rules, and the whole.
///
/// Nothing fails altogether: what a model does not give is told in its own place and replaced by what is always true.
public struct PersonaGenerator: Sendable {
    /// A category with fewer fields is asked for once more.
    private static let minFields = 5
    private static let ruleDelay = Duration.milliseconds(100)
    private let model: any LanguageModel
    public let library: CategoryLibrary
    public let locale: String
    private let log: Log
    private let now: @Sendable () -> Date

    /// - Parameter locale: where people live and what is usual there.
    public init(
        model: any LanguageModel, library: CategoryLibrary, locale: String = "India", log: Log = .disabled,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.model = model
        self.library = library
        self.locale = locale
        self.log = log
        self.now = now
    }

    /// What was made, and which calls of a model failed on the way.
    public struct Outcome: Sendable, Equatable {
        public var persona: GeneratedPersona
        /// No call was answered at all.
        public var isWithoutModel: Bool
    }

    /// - Parameter payer: whose budget the calls are on.
    public func generate(
        _ request: GenerationRequest, of facts: ScenarioFacts, payer: String? = nil
    ) async -> Outcome {
        let start = self.now()
        let calls = GenerationCalls(locale: self.locale, payer: payer)
        let base = BasePersona(facts, request, country: self.locale)
        var draft = PersonaDraft(base: base, facts: facts, request: request)
        await self.choose(&draft, calls)
        await self.write(&draft, calls)
        let persona = draft.assemble(
            id: GeneratedPersona.newID(), at: self.now(), elapsed: self.now().timeIntervalSince(start))
        self.log.info(
            "persona generated",
            [
                .personaID: .text(persona.id.rawValue), .categories: .text(draft.categories.joined(separator: ",")),
                .durationMs: .integer(Int(self.now().timeIntervalSince(start) * 1_000)),
            ])
        return Outcome(persona: persona, isWithoutModel: draft.answeredBy == nil)
    }

    private func choose(_ draft: inout PersonaDraft, _ calls: GenerationCalls) async {
        var names: [String]?
        do throws(LanguageModelError) {
            let answer = try await self.model.answer(
                calls.choice(draft.base, draft.facts, draft.request.mode, self.library))
            draft.answered(by: answer)
            names = CategoryChoice.parse(answer.text)
            if names == nil { draft.warnings.append("the choice of categories could not be read") }
        } catch {
            draft.warnings.append("the choice of categories failed: \(error.code.rawValue)")
        }
        let choice = CategoryChoice(names, library: self.library, archetype: draft.facts.archetype)
        for name in choice.unknown.prefix(8) {
            let name = name.isFieldName ? name : "unnamed"
            self.log.info("category dropped: the library does not have it", [.categories: .text(name)])
            draft.warnings.append("category \(name) is not in the library")
        }
        draft.categories = choice.names.filter { self.library[$0] != nil }
    }

    private enum Part: Sendable {
        case moment
        case details([String: DetailResult])
        case rules(Result<ChatAnswer, LanguageModelError>)
    }

    /// Details and rules. The rules need no detail, and waiting for them all would cost as long as a call takes; they are
    /// asked for a moment later, so that a model's own log has both in order.
    private func write(_ draft: inout PersonaDraft, _ calls: GenerationCalls) async {
        let draftSoFar = draft
        let parts = await withTaskGroup(of: Part.self) { group in
            group.addTask { .details(await self.details(of: draftSoFar, calls)) }
            group.addTask {
                try? await Task.sleep(for: Self.ruleDelay)
                return .moment
            }
            var parts: [Part] = []
            var hasAsked = false
            while parts.count < 2, let part = await group.next() {
                if case .moment = part {} else { parts.append(part) }
                if !hasAsked { group.addTask { .rules(await self.rules(of: draftSoFar, calls)) } }
                hasAsked = true
            }
            group.cancelAll()
            return parts
        }
        for part in parts {
            switch part {
            case .moment: break
            case .details(let results):
                for name in draft.categories { results[name].map { draft.take($0, name) } }
            case .rules(let result): draft.take(result)
            }
        }
    }

    private func details(of draft: PersonaDraft, _ calls: GenerationCalls) async -> [String: DetailResult] {
        await withTaskGroup(of: (String, DetailResult).self) { group in
            for category in draft.categories.compactMap({ self.library[$0] }) {
                group.addTask {
                    let request = calls.details(category, draft.base, draft.facts, draft.request)
                    return (category.name, await self.details(request))
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func rules(
        of draft: PersonaDraft, _ calls: GenerationCalls
    ) async -> Result<ChatAnswer, LanguageModelError> {
        do throws(LanguageModelError) {
            return .success(try await self.model.answer(calls.rules(draft.base, draft.facts, draft.request)))
        } catch {
            return .failure(error)
        }
    }

    struct DetailResult: Sendable {
        var fields: [String: JSONValue]?
        var answer: ChatAnswer?
        var failure: LanguageModelError.Code?
    }

    /// Asks once more where there are too few fields, and keeps the larger answer.
    private func details(_ request: ChatRequest) async -> DetailResult {
        var result = DetailResult()
        for _ in 0..<2 {
            do throws(LanguageModelError) {
                let answer = try await self.model.answer(request)
                result.answer = answer
                let fields = (JSONValue(inAnswer: answer.text)?.object ?? [:]).filter { !$0.value.isNull }
                if fields.count > result.fields?.count ?? 0 { result.fields = fields }
            } catch {
                result.failure = error.code
                return result
            }
            if result.fields?.count ?? 0 >= Self.minFields { break }
        }
        return result
    }
}

/// A persona in the making.
struct PersonaDraft: Sendable {
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

    mutating func take(_ result: PersonaGenerator.DetailResult, _ name: String) {
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
