import LanguageModels
import Testing

@testable import Studio

@Suite struct ModelOrElseTests {
    @Test func `a role that nobody is configured for is the embedded model's`() async throws {
        let model = ModelOrElse(first: Nobody(), second: EmbeddedModel(library: Scenes.library))
        let prompt = try await PromptWriter(model: model).write(nil, Scenes.facts(), .learn)
        #expect(prompt.generatedBy == "embedded" && model.answers(in: .personaPrompt))
        #expect(!model.answers(in: .reply))
        await #expect(throws: LanguageModelError.self) {
            try await model.answer(ChatRequest(role: .reply, messages: []))
        }
    }

    private struct Nobody: LanguageModel {
        func answers(in role: ModelRole) -> Bool { false }
        func answer(_ request: ChatRequest) async throws(LanguageModelError) -> ChatAnswer {
            throw LanguageModelError(.notConfigured, "nobody")
        }
        func stream(_ request: ChatRequest) -> ChatStream {
            ChatStream { () async throws(LanguageModelError) in throw LanguageModelError(.notConfigured, "nobody") }
        }
    }
}
