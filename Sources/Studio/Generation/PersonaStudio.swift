import Foundation
import JSON
import LanguageModels
import Observability
import Personas

/// Everything that makes personas out of scenarios, in one place.
public struct PersonaStudio: Sendable {
    /// Personas of one request.
    public static let maxCount = 20
    /// Of one request at once; each asks a model several times.
    private static let personasAtOnce = 4
    public let store: any GenerationStore
    public let generator: PersonaGenerator
    public let writer: PromptWriter
    public let analyzer: ScenarioAnalyzer
    public let jobs: PromptJobs
    /// In place of a model that does not answer.
    private let substitute: PersonaGenerator
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - model: answers in the roles that it is configured for; the embedded model does in the others.
    ///   - locale: where people live and what is usual there.
    public init(
        store: any GenerationStore, library: CategoryLibrary, model: (any LanguageModel)?, locale: String = "India",
        limits: PromptJobs.Limits = PromptJobs.Limits(), clock: StudioClock = .system, log: Log = .disabled,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        let embedded = EmbeddedModel(library: library)
        let model: any LanguageModel = model.map { ModelOrElse(first: $0, second: embedded) } ?? embedded
        self.store = store
        self.generator = PersonaGenerator(model: model, library: library, locale: locale, log: log, now: now)
        self.substitute = PersonaGenerator(model: embedded, library: library, locale: locale, log: log, now: now)
        self.writer = PromptWriter(model: model, locale: locale)
        self.analyzer = ScenarioAnalyzer(model: model, embedded: embedded, locale: locale)
        self.jobs = PromptJobs(store: store, writer: self.writer, limits: limits, clock: clock, log: log, now: now)
        self.now = now
    }

    public var library: CategoryLibrary { self.generator.library }

    /// Some people of a scenario, each another one, without prompts; kept.
    public func personas(
        _ count: Int, _ request: GenerationRequest, of facts: ScenarioFacts, owner: String
    ) async throws(StoreError) -> [GeneratedPersona] {
        let first = request.variation ?? 0
        let requests = (0..<count).map { index in
            var request = request
            if count > 1 || request.variation != nil { request.variation = first &+ index }
            return request
        }
        let personas = await self.generate(requests, facts, owner)
        try await self.store.create(personas, of: owner, at: self.now())
        return personas
    }

    private func generate(
        _ requests: [GenerationRequest], _ facts: ScenarioFacts, _ owner: String
    ) async -> [GeneratedPersona] {
        await withTaskGroup(of: (Int, GeneratedPersona).self) { group in
            var next = requests.enumerated().makeIterator()
            var made: [(Int, GeneratedPersona)] = []
            func add() {
                guard let (index, request) = next.next() else { return }
                group.addTask {
                    (index, await self.generator.generate(request, of: facts, payer: owner).persona)
                }
            }
            for _ in 0..<Self.personasAtOnce { add() }
            while let one = await group.next() {
                made.append(one)
                add()
            }
            return made.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// The expert and the character of a scenario. Where no model answers they are made by rules, and say so.
    ///
    /// - Parameters:
    ///   - gender: of both; nil leaves the character's to the template, and the expert's female.
    ///   - context: the author's wishes for the character.
    public func personas(
        fromTemplate facts: ScenarioFacts, gender: String?, context: String?, owner: String
    ) async throws(StoreError) -> (expert: GeneratedPersona, character: GeneratedPersona) {
        async let learn = self.surely(
            GenerationRequest(mode: .learn, personaType: "learn_mode_expert", gender: gender ?? "Female"), facts, owner)
        async let assess = self.surely(
            GenerationRequest(
                mode: .assess, personaType: "assess_mode_character", gender: gender, customPrompt: context), facts,
            owner)
        let (expert, character) = await (learn, assess)
        try await self.store.create([expert, character], of: owner, at: self.now())
        return (expert, character)
    }

    private func surely(
        _ request: GenerationRequest, _ facts: ScenarioFacts, _ owner: String
    ) async -> GeneratedPersona {
        let outcome = await self.generator.generate(request, of: facts, payer: owner)
        guard outcome.isWithoutModel else { return outcome.persona }
        var persona = await self.substitute.generate(request, of: facts).persona
        var metadata = persona["generation_metadata"]?.object ?? [:]
        metadata["fallback"] = true
        persona["generation_metadata"] = .object(metadata)
        return persona
    }

    /// The prompt of the character of a scenario, for one that nobody keeps.
    public func assessPrompt(fromTemplate facts: ScenarioFacts, owner: String) async -> String {
        let persona = await self.generator.generate(GenerationRequest(mode: .assess), of: facts, payer: owner).persona
        do throws(LanguageModelError) {
            return try await self.writer.write(persona, facts, .assess, payer: owner).text
        } catch {
            return "Error generating assess mode template"
        }
    }

    /// All prompts of a scenario at once, as the first version of the API has them.
    public func finalPrompts(_ facts: ScenarioFacts, persona: GeneratedPersona?, owner: String) async -> JSONValue {
        async let expert = self.writer.writeOrFallBack(nil, facts, .learn, payer: owner)
        let character: GeneratedPersona
        if let persona {
            character = persona
        } else {
            character = await self.surely(GenerationRequest(mode: .assess), facts, owner)
        }
        let prompt = await self.writer.writeOrFallBack(character, facts, .assess, payer: owner)
        return [
            "learn_mode": .string(await expert.text), "assess_mode": .string(prompt.text),
            "try_mode": .string(prompt.text), "scenario_title": .string(facts.title),
            "extracted_info": .object(facts.data), "generated_persona": character.json, "knowledge_base_id": .null,
        ]
    }
}
