import JSON
import LanguageModels

extension ModelRole {
    /// Asks, and thinks about the answers.
    public static let psychotherapist = ModelRole(rawValue: "psychotherapist")
    /// Sums up.
    public static let curator = ModelRole(rawValue: "curator")
    /// Asks where there is no psychotherapist.
    public static let planner = ModelRole(rawValue: "planner")
}

/// A language model in a role: the first of a few that it is configured for.
struct RoleModel: Sendable {
    /// What came of asking.
    enum Outcome: Sendable, Equatable {
        /// There is no model in the role.
        case absent
        case answered([String: JSONValue])
        /// In a few words that quote nothing.
        case failed(String)
    }

    private let model: (any LanguageModel)?
    private let roles: [ModelRole]
    private let modelName: @Sendable (ModelRole) -> String?
    private let prompt: @Sendable () -> String

    /// - Parameters:
    ///   - roles: the preferred one first.
    ///   - modelName: what answers in a role, for people to read.
    ///   - prompt: the system prompt, read for each call.
    init(
        _ model: (any LanguageModel)?, in roles: [ModelRole], modelName: @escaping @Sendable (ModelRole) -> String?,
        prompt: @escaping @Sendable () -> String
    ) {
        precondition(!roles.isEmpty, "somebody has to be meant")
        self.model = model
        self.roles = roles
        self.modelName = modelName
        self.prompt = prompt
    }

    private var role: ModelRole? {
        self.roles.first { self.model?.answers(in: $0) == true }
    }

    /// Who answers.
    var profile: LLMProfile {
        guard let role = self.role else { return self.rules }
        return LLMProfile(role: role.rawValue, model: self.modelName(role) ?? role.rawValue, configured: true)
    }

    /// Who answers where no model does.
    var rules: LLMProfile {
        LLMProfile(role: self.roles[0].rawValue, model: LLMProfile.rules, configured: false)
    }

    /// Has the model make an object of the material.
    func ask(_ material: JSONValue, for user: String) async -> Outcome {
        guard let model = self.model, let role = self.role else { return .absent }
        let request = ChatRequest(
            role: role, messages: [ChatMessage(.system, self.prompt()), ChatMessage(.user, material.text)],
            format: .json, payer: user)
        do throws(LanguageModelError) {
            let answer = try await model.answer(request)
            return ReplyReader.object(in: answer.text).map { .answered($0) }
                ?? .failed("the model's answer could not be read")
        } catch {
            return .failed("the model did not answer (\(error.code.rawValue))")
        }
    }
}
