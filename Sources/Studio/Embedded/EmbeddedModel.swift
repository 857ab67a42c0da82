import JSON
import LanguageModels

/// Answers what the studio asks without any model: by rules and by the sentences of the category library, filled with
/// the scenario's own words. The same question gets the same answer. It never passes for a model: its answers are
/// labelled `embedded`.
public struct EmbeddedModel: LanguageModel {
    /// How everything that it makes is labelled.
    public static let name = "embedded"
    private let library: CategoryLibrary

    public init(library: CategoryLibrary) { self.library = library }

    public func answers(in role: ModelRole) -> Bool { Self.roles.contains(role) }

    private static let roles: Set<ModelRole> = [
        .scenarioAnalysis, .categoryChoice, .personaDetails, .conversationRules, .personaPrompt,
    ]

    public func answer(_ request: ChatRequest) async throws(LanguageModelError) -> ChatAnswer {
        guard let facts = (request.messages.last?.text).flatMap({ try? JSONValue(parsing: $0) }),
            let text = self.text(facts)
        else {
            throw LanguageModelError(
                .notConfigured, "nothing is configured for the role \(request.role.rawValue); see models_file")
        }
        let prompt = request.messages.reduce(0) { $0 + TokenUsage.estimate($1.text) }
        return ChatAnswer(
            text: text, usage: TokenUsage(prompt: prompt, answer: TokenUsage.estimate(text), isEstimate: true),
            finishReason: .stop, model: Self.name)
    }

    public func stream(_ request: ChatRequest) -> ChatStream {
        let once = Once()
        return ChatStream { () async throws(LanguageModelError) in
            guard await once.take() else { return nil }
            return .end(try await self.answer(request))
        }
    }

    private func text(_ facts: JSONValue) -> String? {
        switch facts["task"]?.string {
        case "choose_categories": JSONValue.array(self.categories(facts).map { .string($0) }).text
        case "write_details": self.details(facts).map { JSONValue.object($0).text }
        case "write_rules": EmbeddedRules.rules(facts).json.text
        case "write_prompt": self.prompt(facts)
        case "analyze_scenario":
            JSONValue.object(
                self.templateData(
                    facts["scenario_document"]?.string ?? "", name: facts["template_name"]?.string ?? "")
            ).text
        case "classify_scenario":
            ArchetypeClassification(counting: facts["scenario_document"]?.string ?? "").json.text
        default: nil
        }
    }

    /// Those whose cues the scenario's words hold, most cues first.
    private func categories(_ facts: JSONValue) -> [String] {
        let told = ["context_overview", "domain", "role", "description"].compactMap { facts[$0]?.text.lowercased() }
        let words = told.joined(separator: " ")
        let scored = self.library.all.enumerated().map { index, category in
            (category.name, category.cues.count { words.containsWord($0) }, index)
        }
        let chosen = scored.filter { $0.1 > 0 }.sorted { ($1.1, $0.2) < ($0.1, $1.2) }.prefix(6).map(\.0)
        return chosen + CategoryChoice.fallback.filter { chosen.count < 3 && !chosen.contains($0) }
    }

    private func details(_ facts: JSONValue) -> [String: JSONValue]? {
        guard let category = (facts["category"]?.string).flatMap({ self.library[$0] }) else { return nil }
        let filler = SampleText(facts)
        var fields: [String: JSONValue] = [:]
        for field in category.exampleFields {
            let sentence = category.samples[field].flatMap { filler.sentence($0, field) }
            fields[field] = .string(sentence ?? filler.generic(field))
        }
        if let wish = facts["custom_instructions"]?.text(orElse: nil) { fields["as_the_author_wishes"] = .string(wish) }
        return fields
    }

    private func prompt(_ facts: JSONValue) -> String {
        guard let members = facts["persona"]?.object else {
            var data: [String: JSONValue] = [
                "general_info": ["domain": facts["domain"] ?? "", "title": facts["title"] ?? ""]
            ]
            data["context_overview"] = facts["scenario_context"] ?? [:]
            data["persona_definitions"] = [GenerationMode.learn.definitionKey: facts["definition"] ?? [:]]
            return PlainPrompt.expert(ScenarioFacts(templateID: nil, data: data))
        }
        return PlainPrompt.text(
            GeneratedPersona(id: GeneratedPersona.newID(), members: members), title: facts["title"]?.string,
            domain: facts["domain"]?.string)
    }
}

/// Lets one reader through.
private actor Once {
    private var isTaken = false

    func take() -> Bool {
        defer { self.isTaken = true }
        return !self.isTaken
    }
}

extension String {
    /// Whether the words stand in it as whole words; both in lower case.
    func containsWord(_ words: String) -> Bool {
        var rest = self[...]
        while let range = rest.range(of: words) {
            let before = range.lowerBound == self.startIndex ? nil : self[self.index(before: range.lowerBound)]
            let after = range.upperBound == self.endIndex ? nil : self[range.upperBound]
            if before?.isLetter != true, after?.isLetter != true { return true }
            rest = self[range.upperBound...]
        }
        return false
    }
}
