import JSON
import LanguageModels
import Synchronization

@testable import Studio

/// A model that answers as a test says, and remembers what it was asked.
final class ScriptedModel: LanguageModel {
    typealias Script = @Sendable (ChatRequest, _ call: Int) async throws(LanguageModelError) -> String

    private let log = Mutex<[ChatRequest]>([])
    private let script: Script
    static let name = "scripted-model"

    init(_ script: @escaping Script) { self.script = script }

    var requests: [ChatRequest] { self.log.withLock { $0 } }

    func requests(_ role: ModelRole) -> [ChatRequest] { self.requests.filter { $0.role == role } }

    func answers(in role: ModelRole) -> Bool { true }

    func answer(_ request: ChatRequest) async throws(LanguageModelError) -> ChatAnswer {
        let call = self.log.withLock { log in
            log.append(request)
            return log.count
        }
        let text = try await self.script(request, call)
        return ChatAnswer(
            text: text, usage: TokenUsage(prompt: 1, answer: 1), finishReason: .stop, model: Self.name)
    }

    func stream(_ request: ChatRequest) -> ChatStream {
        ChatStream { () async throws(LanguageModelError) in throw LanguageModelError(.notConfigured, "no stream") }
    }

    /// Answers everything well; `change` may answer otherwise.
    static func good(
        choice: [String] = ["family_context", "financial_context", "lifestyle_context"],
        change: @escaping @Sendable (ChatRequest, Int) async throws(LanguageModelError) -> String? = { _, _ in nil }
    ) -> ScriptedModel {
        ScriptedModel { request, call async throws(LanguageModelError) in
            if let other = try await change(request, call) { return other }
            switch request.role {
            case .categoryChoice: return JSONValue.array(choice.map { .string($0) }).text
            case .personaDetails: return self.details(request, fields: 5)
            case .conversationRules:
                return
                    #"{"opening_behavior": "Waits", "response_style": "Brief", "word_limit": 40, "behavioral_triggers": {"what_engages": ["data"]}}"#
            default: return "You are somebody in particular."
            }
        }
    }

    static func details(_ request: ChatRequest, fields: Int) -> String {
        let category = request.facts["category"]?.string ?? ""
        return JSONValue.object(
            Dictionary(
                uniqueKeysWithValues: (1...fields).map { ("field_\($0)", .string("\(category) fact \($0)")) })
        ).text
    }

    static func failing(_ code: LanguageModelError.Code, isRetriable: Bool = false) -> ScriptedModel {
        ScriptedModel { _, _ async throws(LanguageModelError) in
            throw LanguageModelError(code, "as scripted", isRetriable: isRetriable)
        }
    }
}

extension ChatRequest {
    var facts: JSONValue { (try? JSONValue(parsing: self.messages.last?.text ?? "")) ?? .null }
    var words: String { self.messages.map(\.text).joined(separator: "\n") }
}

/// Scenarios that tests are about.
enum Scenes {
    static let library: CategoryLibrary = {
        var problems: [CategoryProblem] = []
        do throws(CategoryProblem) {
            return try CategoryLibrary(folder: "personas", problems: &problems)
        } catch {
            return CategoryLibrary(core: [])
        }
    }()

    static func facts(
        _ archetype: String = "PERSUASION", definition: [String: JSONValue] = [:],
        domain: String = "pharmaceutical sales"
    ) -> ScenarioFacts {
        var person: [String: JSONValue] = [
            "name": "Dr. Asha Rao", "role": "Gynecologist", "age": 46, "gender": "Female",
            "description": "A busy gynecologist", "location": "Pune, Maharashtra",
        ]
        person.merge(definition) { $1 }
        return ScenarioFacts(
            templateID: "tpl_1",
            data: [
                "general_info": ["domain": .string(domain), "title": "A new supplement"],
                "context_overview": ["scenario_title": "A new supplement", "situation": "A visit between patients"],
                "archetype_classification": ["primary_archetype": .string(archetype), "confidence_score": 0.9],
                "persona_definitions": ["assess_mode_ai_bot": .object(person)],
            ])
    }

    static let pharma = """
        # A pharma representative visits a gynecologist
        Domain: pharmaceutical sales
        Role: Gynecologist
        Name: Dr. Asha Rao
        City: Pune, Maharashtra
        The representative has five minutes between patients to convince a busy doctor to prescribe a new iron \
        supplement. She has no time and has heard many a sales pitch.
        """
    static let maternity = """
        # Maternity inquiry
        Role: Expecting mother
        Name: Neha Joshi
        A pregnant woman, worried about her first delivery, asks for help: what the hospital's package costs, what her \
        husband and family should know, and what happens if there is a complication.
        """
    static let dei = """
        # A hurtful remark
        Role: Colleague
        A colleague was hurt by a remark that happened in a team meeting last week. HR has an inclusion policy (DEI), \
        and she is angry and upset with the manager, who is asked to apologize.
        """
    static let car = """
        # A family car
        Domain: car sales
        Role: Buyer
        Name: Ravi Nair
        A customer visits a showroom with his wife and wants a car for the daily commute and the weekends with the children. \
        He compares prices and loans, and his neighbours' and colleagues' opinions of a brand count for him.
        """
}
