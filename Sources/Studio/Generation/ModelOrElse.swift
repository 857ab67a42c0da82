import LanguageModels

/// A model for the roles that it is configured for, and another one for the rest.
struct ModelOrElse: LanguageModel {
    let first: any LanguageModel
    let second: any LanguageModel

    private func model(_ role: ModelRole) -> any LanguageModel {
        self.first.answers(in: role) ? self.first : self.second
    }

    func answers(in role: ModelRole) -> Bool { self.model(role).answers(in: role) }

    func answer(_ request: ChatRequest) async throws(LanguageModelError) -> ChatAnswer {
        try await self.model(request.role).answer(request)
    }

    func stream(_ request: ChatRequest) -> ChatStream { self.model(request.role).stream(request) }
}
