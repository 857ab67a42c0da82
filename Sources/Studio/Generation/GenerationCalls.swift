import JSON
import LanguageModels

extension ModelRole {
    /// Turns a document into template data.
    public static let scenarioAnalysis = ModelRole(rawValue: "scenario_analysis")
    /// Chooses which details matter.
    public static let categoryChoice = ModelRole(rawValue: "category_choice")
    /// Writes the details of one category.
    public static let personaDetails = ModelRole(rawValue: "persona_details")
    /// Says how a persona holds a conversation.
    public static let conversationRules = ModelRole(rawValue: "conversation_rules")
    /// Writes a system prompt.
    public static let personaPrompt = ModelRole(rawValue: "persona_prompt")
}

/// What models are asked. The rules are in the system message; the facts follow in the user's message as one JSON
/// object, so that a document's own words stay data.
struct GenerationCalls: Sendable {
    /// Where people live and what is usual there, such as `India`.
    var locale: String
    /// Whose budget pays.
    var payer: String?

    func choice(
        _ base: BasePersona, _ facts: ScenarioFacts, _ mode: GenerationMode, _ library: CategoryLibrary
    ) -> ChatRequest {
        self.request(
            .categoryChoice, Self.choiceRules, temperature: 0.3, maxTokens: 500, task: "choose_categories",
            [
                "context_overview": facts.context, "domain": .string(facts.domain),
                "archetype": .string(facts.archetype), "role": .string(base.role),
                "description": .string(base.description), "mode": .string(mode.rawValue),
                "categories": .array(
                    library.all.map {
                        [
                            "name": .string($0.name), "description": .string($0.description),
                            "when_relevant": .string($0.whenRelevant),
                        ]
                    }),
            ])
    }

    func details(
        _ category: DetailCategory, _ base: BasePersona, _ facts: ScenarioFacts, _ request: GenerationRequest
    ) -> ChatRequest {
        var members = self.identity(base)
        members["category"] = .string(category.name)
        members["category_definition"] = .string(category.description)
        members["example_fields"] = .array(category.exampleFields.map { .string($0) })
        members["scenario_context"] = facts.context
        members["domain"] = .string(facts.domain)
        members["variation"] = request.variation.map { .integer($0) }
        members["custom_instructions"] = request.customPrompt.map { .string($0) }
        return self.request(
            .personaDetails, self.detailRules(isCustom: request.customPrompt != nil), temperature: 0.7,
            maxTokens: 800, format: .json, task: "write_details", members)
    }

    func rules(_ base: BasePersona, _ facts: ScenarioFacts, _ request: GenerationRequest) -> ChatRequest {
        var members = self.identity(base)
        members["archetype"] = .string(facts.archetype)
        members["mode"] = .string(request.mode.rawValue)
        members["scenario_context"] = facts.context
        members["domain"] = .string(facts.domain)
        return self.request(
            .conversationRules, Self.conversationRules, temperature: 0.3, maxTokens: 600, format: .json,
            task: "write_rules", members)
    }

    /// - Parameter persona: nil for the prompt of a template alone.
    func prompt(_ persona: GeneratedPersona?, _ facts: ScenarioFacts, _ mode: GenerationMode) -> ChatRequest {
        var members: [String: JSONValue] = [
            "mode": .string(mode.rawValue), "domain": .string(facts.domain), "title": .string(facts.title),
            "scenario_context": facts.context, "archetype": .string(persona?.archetype ?? facts.archetype),
            "archetype_behaviour": .array(
                Archetype.behaviour(persona?.archetype ?? facts.archetype).map { .string($0) }),
        ]
        if let persona {
            members["persona"] = .object(persona.facts)
        } else {
            members["definition"] = .object(facts.definition(mode))
        }
        let rules = persona == nil ? Self.expertRules : Self.personaRules
        return self.request(
            .personaPrompt, rules, temperature: 0.4, maxTokens: 3_000, task: "write_prompt", members)
    }

    func analysis(_ document: String, name: String) -> ChatRequest {
        self.request(
            .scenarioAnalysis, Self.analysisRules, temperature: 0.3, maxTokens: 3_000, format: .json,
            task: "analyze_scenario", ["template_name": .string(name), "scenario_document": .string(document)])
    }

    func classification(_ document: String) -> ChatRequest {
        self.request(
            .scenarioAnalysis, Self.classificationRules, temperature: 0.3, maxTokens: 500, format: .json,
            task: "classify_scenario", ["scenario_document": .string(document)])
    }

    private func identity(_ base: BasePersona) -> [String: JSONValue] {
        [
            "name": .string(base.name), "age": .integer(base.age), "gender": .string(base.gender),
            "role": .string(base.role), "description": .string(base.description), "city": .string(base.location.city),
            "location": base.location.json,
        ]
    }

    private func request(
        _ role: ModelRole, _ rules: String, temperature: Double, maxTokens: Int, format: ChatFormat = .text,
        task: String, _ members: [String: JSONValue]
    ) -> ChatRequest {
        var members = members
        members["task"] = .string(task)
        return ChatRequest(
            role: role, messages: [ChatMessage(.system, rules), ChatMessage(.user, JSONValue.object(members).text)],
            temperature: temperature, maxTokens: maxTokens, format: format, payer: self.payer)
    }
}
