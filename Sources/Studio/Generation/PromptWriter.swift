import LanguageModels

/// A system prompt, and where it comes from.
public struct WrittenPrompt: Sendable, Equatable {
    public var text: String
    /// A model's name, or `embedded`.
    public var generatedBy: String
    /// No model answered: it was made of the data alone.
    public var isFallback: Bool

    public init(text: String, generatedBy: String, isFallback: Bool = false) {
        self.text = text
        self.generatedBy = generatedBy
        self.isFallback = isFallback
    }
}

/// Writes the prompts of personas.
public struct PromptWriter: Sendable {
    /// Of a prompt, in Unicode scalars; about three thousand tokens have half of it.
    public static let maxScalars = 24_000
    private let model: any LanguageModel
    private let locale: String

    public init(model: any LanguageModel, locale: String = "India") {
        self.model = model
        self.locale = locale
    }

    /// - Parameter persona: nil for the expert of a template.
    /// - Throws: where the model gives no answer.
    public func write(
        _ persona: GeneratedPersona?, _ facts: ScenarioFacts, _ mode: GenerationMode, payer: String? = nil
    ) async throws(LanguageModelError) -> WrittenPrompt {
        let answer = try await self.model.answer(
            GenerationCalls(locale: self.locale, payer: payer).prompt(persona, facts, mode))
        return WrittenPrompt(
            text: Self.finish(answer.text, persona?.rules), generatedBy: answer.model.isEmpty ? "model" : answer.model)
    }

    /// A prompt in any case: without a model one that is made of the same data.
    public func writeOrFallBack(
        _ persona: GeneratedPersona?, _ facts: ScenarioFacts, _ mode: GenerationMode, payer: String? = nil
    ) async -> WrittenPrompt {
        do throws(LanguageModelError) {
            return try await self.write(persona, facts, mode, payer: payer)
        } catch {
            return WrittenPrompt(
                text: Self.plain(persona, facts), generatedBy: EmbeddedModel.name, isFallback: true)
        }
    }

    static func plain(_ persona: GeneratedPersona?, _ facts: ScenarioFacts) -> String {
        guard let persona else { return PlainPrompt.expert(facts) }
        return PlainPrompt.text(persona, title: facts.title, domain: facts.domain)
    }

    /// What a model wrote, with what it left out: the limit of words and the guardrails.
    private static func finish(_ text: String, _ rules: ConversationRules?) -> String {
        var text = self.withoutFence(text.trimmed)
        if text.unicodeScalars.count > self.maxScalars - 1_000 { text = self.cut(text, to: self.maxScalars - 1_000) }
        if let rules, !text.contains("\(rules.wordLimit) words") {
            text += "\n\nKeep each answer under \(rules.wordLimit) words."
        }
        return Guardrails.complete(text)
    }

    private static func withoutFence(_ text: String) -> String {
        guard text.hasPrefix("```"), text.hasSuffix("```"), let line = text.firstIndex(of: "\n") else { return text }
        return String(text[line...].dropLast(3)).trimmed
    }

    /// At the end of a paragraph or a sentence, where there is one.
    private static func cut(_ text: String, to count: Int) -> String {
        let head = String(text.unicodeScalars.prefix(count))
        let end = head.lastIndex { $0 == "." || $0 == "\n" } ?? head.endIndex
        return String(head[..<end]) + "."
    }
}
