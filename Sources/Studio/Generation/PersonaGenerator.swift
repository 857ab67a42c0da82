import Foundation
import JSON
import LanguageModels
import Observability
import Personas

/// Makes a person of a scenario: base, choice of categories, details of each at once, rules, and the whole.
///
/// Nothing fails altogether: what a model does not give is told in its own place and replaced by what is always true.
public struct PersonaGenerator: Sendable {
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
        case details([String: PersonaDraft.DetailResult])
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

    private func details(of draft: PersonaDraft, _ calls: GenerationCalls) async -> [String: PersonaDraft.DetailResult]
    {
        await withTaskGroup(of: (String, PersonaDraft.DetailResult).self) { group in
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

    /// Asks once more where there are too few fields, and keeps the larger answer.
    private func details(_ request: ChatRequest) async -> PersonaDraft.DetailResult {
        var result = PersonaDraft.DetailResult()
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
            if result.fields?.count ?? 0 >= PersonaDraft.minFields { break }
        }
        return result
    }
}
