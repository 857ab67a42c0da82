import Foundation
import JSON
import LanguageModels
import TestSupport
import Testing

@testable import Studio

@Suite struct PersonaGeneratorTests {
    private func generate(
        _ model: any LanguageModel, _ facts: ScenarioFacts = Scenes.facts(),
        _ request: GenerationRequest = .init(mode: .assess)
    ) async -> GeneratedPersona {
        await PersonaGenerator(model: model, library: Scenes.library).generate(request, of: facts).persona
    }

    @Test func `S1-26 S1-27: calls come in order, with the parameters of each`() async {
        let model = ScriptedModel.good()
        _ = await self.generate(model, Scenes.facts("HELP_SEEKING"))
        let roles = model.requests.map(\.role)
        #expect(roles.first == .categoryChoice && roles.last == .conversationRules)
        #expect(roles.dropFirst().dropLast().allSatisfy { $0 == .personaDetails } && roles.count == 5)
        func parameters(_ role: ModelRole) -> [Double] {
            model.requests(role).first.map { [$0.temperature ?? -1, Double($0.maxTokens ?? -1)] } ?? []
        }
        #expect(parameters(.categoryChoice) == [0.3, 500] && parameters(.personaDetails) == [0.7, 800])
        #expect(parameters(.conversationRules) == [0.3, 600])
        let prompt = GenerationCalls(locale: "India", payer: nil).prompt(nil, Scenes.facts(), .learn)
        #expect(prompt.temperature == 0.4 && prompt.maxTokens == 3_000)
    }

    @Test func `S1-36 S1-37: the choice is told everything that it has to weigh`() async throws {
        let model = ScriptedModel.good()
        _ = await self.generate(model)
        let request = try #require(model.requests(.categoryChoice).first)
        #expect(request.facts["context_overview"]?["scenario_title"] == "A new supplement")
        #expect(request.facts["domain"] == "pharmaceutical sales" && request.facts["archetype"] == "PERSUASION")
        #expect(request.facts["role"] == "Gynecologist" && request.facts["mode"] == "assess_mode")
        #expect(request.facts["categories"]?.array?.count == 17)
        #expect(request.facts["categories"]?.array?.allSatisfy { $0["when_relevant"]?.string != nil } == true)
        for words in ["Minimum 3", "maximum 8", "JSON array", "selective", "archetype", "pharma", "maternity", "car"] {
            #expect(request.words.localizedCaseInsensitiveContains(words), "\(words)")
        }
    }

    @Test func `S1-41: the model decides`() async {
        let first = ["social_context", "research_behavior", "health_context"]
        let second = ["incident_context", "emotional_state", "past_experiences", "family_context"]
        for names in [first, second] {
            let persona = await self.generate(ScriptedModel.good(choice: names), Scenes.facts("HELP_SEEKING"))
            #expect(persona["detail_categories_included"] == .array(names.map { .string($0) }))
            #expect(Set(persona.details.keys) == Set(names))
        }
    }

    @Test(arguments: [LanguageModelError.Code.timeout, .unavailable, .malformed])
    func `S1-43: a choice that fails gives the three`(_ code: LanguageModelError.Code) async {
        let model = ScriptedModel.good { request, _ async throws(LanguageModelError) in
            guard request.role == .categoryChoice else { return nil }
            throw LanguageModelError(code, "as scripted")
        }
        let persona = await self.generate(model)
        #expect(
            persona["detail_categories_included"] == ["professional_context", "time_constraints", "decision_criteria"])
    }

    @Test func `S1-44: details are asked for at the same time`() async {
        let gate = Meeting(count: 6)
        let names = Scenes.library.core.prefix(6).map(\.name)
        let model = ScriptedModel.good(choice: names) { request, _ async throws(LanguageModelError) in
            if request.role == .personaDetails { await gate.arrive() }
            return nil
        }
        // Ends only if all six are under way at once.
        let persona = await self.generate(model, Scenes.facts("HELP_SEEKING"))
        #expect(persona.details.count == 6)
    }

    @Test func `S1-45 S1-47: a request for details names who, where and what`() async throws {
        let model = ScriptedModel.good()
        _ = await self.generate(model)
        let request = try #require(model.requests(.personaDetails).first { $0.facts["category"] == "family_context" })
        for key in ["name", "age", "role", "city", "scenario_context", "domain", "category_definition"] {
            #expect(request.facts[key] != nil, "\(key)")
        }
        #expect(request.facts["example_fields"]?.array?.first == "marital_status")
        #expect(request.words.contains("India") && request.words.contains("numbers"))
    }

    @Test func `C-37: people live where the operator says`() async throws {
        let model = ScriptedModel.good()
        let persona = await PersonaGenerator(model: model, library: Scenes.library, locale: "Brazil")
            .generate(GenerationRequest(mode: .assess), of: Scenes.facts()).persona
        let request = try #require(model.requests(.personaDetails).first)
        #expect(request.words.contains("Brazil") && persona["location"]?["country"] == "Brazil")
    }

    @Test func `S1-46 S1-24: the author's wishes are in every request for details, or in none`() async {
        for wish in ["must mention hockey", nil, " "] {
            let model = ScriptedModel.good()
            let persona = await self.generate(
                model, Scenes.facts(), GenerationRequest(mode: .assess, gender: "Male", customPrompt: wish))
            let isIn = model.requests(.personaDetails).map { $0.facts["custom_instructions"] != nil }
            #expect(Set(isIn) == [wish == "must mention hockey"])
            #expect(persona["generation_metadata"]?["custom_prompt_used"] == .bool(wish == "must mention hockey"))
            #expect(persona["generation_metadata"]?["gender_specified"] == "Male")
        }
    }

    @Test func `S1-48: three fields are asked for once more, then kept with a warning`() async {
        let model = ScriptedModel.good { request, _ async throws(LanguageModelError) in
            guard request.facts["category"] == "family_context" else { return nil }
            return ScriptedModel.details(request, fields: 3)
        }
        let persona = await self.generate(model)
        #expect(model.requests(.personaDetails).count { $0.facts["category"] == "family_context" } == 2)
        #expect(persona.details["family_context"]?.object?.count == 3)
        let warnings = persona["generation_metadata"]?["warnings"]?.array ?? []
        #expect(warnings.contains { $0.string?.hasPrefix("family_context") == true })
    }

    @Test func `S1-49: a category that fails says so in its own place`() async {
        let model = ScriptedModel.good { request, _ async throws(LanguageModelError) in
            guard request.facts["category"] == "family_context" else { return nil }
            throw LanguageModelError(.timeout, "as scripted")
        }
        let persona = await self.generate(model)
        #expect(persona.details["family_context"] == ["error": "Failed to generate family_context"])
        #expect(persona.details["financial_context"]?.object?.count == 5)
    }

    @Test func `S1-50 S1-22: rules that fail are the fallback`() async {
        let model = ScriptedModel.good { request, _ async throws(LanguageModelError) in
            guard request.role == .conversationRules else { return nil }
            return "I would rather not"
        }
        let persona = await self.generate(model)
        #expect(
            persona["conversation_rules"] == [
                "opening_behavior": "Wait for learner", "response_style": "Natural", "word_limit": 50,
                "behavioral_triggers": [:],
            ])
    }

    @Test func `S1-18 S1-19 S1-20 S1-21 S1-23: a persona has every part of the model`() async throws {
        let persona = await self.generate(ScriptedModel.good())
        #expect(UUID(uuidString: persona.id.rawValue) != nil && persona["template_id"] == "tpl_1")
        for key in [
            "persona_type", "mode", "scenario_type", "name", "age", "gender", "role", "description", "location",
        ] {
            #expect(persona[key]?.isNull == false, "\(key)")
        }
        #expect(persona["archetype"] == "PERSUASION" && persona["archetype_confidence"] == 0.9)
        #expect(persona["archetype_specific_data"]?["objection_library"] == [])
        #expect(persona["detail_categories"]?.object?.values.allSatisfy { $0.object != nil } == true)
        let names = (persona["detail_categories_included"]?.array ?? []).compactMap(\.string)
        #expect(Set(names) == Set(persona.details.keys) && names.last == "decision_criteria")
        #expect(persona["generation_metadata"]?["generated_by"] == "scripted-model")
    }

    @Test func `S1-51: one line of the log names the categories, the persona and the time`() async {
        let lines = CollectedLog()
        _ = await PersonaGenerator(model: ScriptedModel.good(), library: Scenes.library, log: lines.log)
            .generate(GenerationRequest(mode: .assess), of: Scenes.facts())
        let made = lines.records.filter { $0.message == "persona generated" }
        #expect(made.count == 1 && made.first?[.personaID] != nil && made.first?[.durationMs] != nil)
        #expect(
            made.first?[.categories]
                == .text("family_context,financial_context,lifestyle_context,decision_criteria"))
    }

    @Test(arguments: [
        (Scenes.pharma, ["professional_context", "medical_philosophy", "time_constraints", "sales_rep_history"]),
        (Scenes.maternity, ["health_context", "family_context", "financial_context", "anxiety_factors"]),
        (Scenes.dei, ["work_relationships", "incident_context", "emotional_state", "organizational_context"]),
        (Scenes.car, ["family_context", "financial_context", "lifestyle_context", "social_context"]),
    ])
    func `S1-70 … S1-73: without a model the scenario's words choose the categories`(
        _ document: String, _ expected: [String]
    ) async {
        let model = EmbeddedModel(library: Scenes.library)
        let data = await ScenarioAnalyzer(model: model, embedded: model).analyze(document, name: "")
        let persona = await self.generate(model, ScenarioFacts(templateID: nil, data: data))
        let names = (persona["detail_categories_included"]?.array ?? []).compactMap(\.string)
        #expect(Set(expected).isSubset(of: names), "\(names)")
        #expect((3...8).contains(names.count))
        #expect(persona["generation_metadata"]?["generated_by"] == "embedded")
        #expect(persona.details.values.allSatisfy { ($0.object?.count ?? 0) >= 5 })
        #expect(!persona.details.values.contains { $0.text.contains("\\u007b") || $0["error"] != nil })
    }

    @Test func `S1-74: every kind of scenario has other details, which speak of it`() async throws {
        let model = EmbeddedModel(library: Scenes.library)
        var sets: [Set<String>] = []
        for document in [Scenes.pharma, Scenes.maternity, Scenes.dei, Scenes.car] {
            let data = await ScenarioAnalyzer(model: model, embedded: model).analyze(document, name: "")
            let facts = ScenarioFacts(templateID: nil, data: data)
            let persona = await self.generate(model, facts)
            sets.append(Set(persona.details.keys))
            #expect((3...8).contains(persona.details.count))
            let prompt = await PromptWriter(model: model).writeOrFallBack(persona, facts, .assess).text
            #expect(!prompt.contains { "{}[]".contains($0) } && prompt.contains(persona.name))
        }
        for (index, one) in sets.enumerated() { #expect(!sets[..<index].contains(one), "\(one)") }
    }

    @Test func `the embedded model gives the same answer twice, and another to another person`() async {
        let model = EmbeddedModel(library: Scenes.library)
        let one = await self.generate(model).details
        let same = await self.generate(model).details
        let other = await self.generate(model, Scenes.facts(), GenerationRequest(mode: .assess, variation: 3)).details
        #expect(one == same && one != other)
    }
}

/// Lets nobody go before all have come.
private actor Meeting {
    private var missing: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(count: Int) { self.missing = count }

    func arrive() async {
        self.missing -= 1
        guard self.missing > 0 else {
            for continuation in self.waiting { continuation.resume() }
            return
        }
        await withCheckedContinuation { self.waiting.append($0) }
    }
}
