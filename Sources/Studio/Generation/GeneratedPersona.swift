import Foundation
import JSON
import Personas

/// A person of a scenario, as the pipeline made it or a client posted it: the whole document, also keys that nobody here
/// knows.
public struct GeneratedPersona: Sendable, Equatable {
    public let id: PersonaID
    public private(set) var members: [String: JSONValue]

    /// - Parameter members: `id` in it is replaced.
    public init(id: PersonaID, members: [String: JSONValue]) {
        self.id = id
        self.members = members
        self.members["id"] = .string(id.rawValue)
    }

    /// A new id: a UUID.
    public static func newID() -> PersonaID {
        guard let id = PersonaID(UUID().uuidString.lowercased()) else { preconditionFailure("a UUID is a legal id") }
        return id
    }

    public subscript(key: String) -> JSONValue? {
        get { self.members[key] }
        set { if key != "id" { self.members[key] = newValue } }
    }

    public var json: JSONValue { .object(self.members) }

    public var name: String {
        self["name"]?.text(orElse: nil) ?? self.older["name"]?.text(orElse: nil) ?? "Character"
    }
    public var age: Int? { self["age"]?.integer ?? self.older["age"]?.integer }
    public var gender: String? { self["gender"]?.text(orElse: nil) ?? self.older["gender"]?.text(orElse: nil) }
    public var role: String {
        self["role"]?.text(orElse: nil) ?? self.older["role"]?.text(orElse: nil)
            ?? self["character_type"]?.text(orElse: nil) ?? "Person"
    }
    public var archetype: String { self["archetype"]?.text(orElse: nil) ?? "" }
    /// What it is about: the scenario's domain, else who it is.
    fileprivate var field: String {
        let domain = self["scenario_type"]?.text(orElse: nil)
        return domain.flatMap { $0 == "general" ? nil : $0 } ?? self.role
    }
    public var templateID: String? { self["template_id"]?.string }
    public var mode: GenerationMode? { self["mode"]?.string.flatMap { GenerationMode(rawValue: $0) } }
    public var details: [String: JSONValue] { self["detail_categories"]?.object ?? [:] }
    public var rules: ConversationRules { ConversationRules(self["conversation_rules"]) ?? .fallback }
    /// The prompt that was written for it; nil before that. Where nobody asked for another one, the expert's.
    public var prompt: String? { self["prompt"]?.text(orElse: nil) }
    /// The expert's, who teaches what the persona is there to practise.
    public var learnPrompt: String? {
        self.isForLearning ? self.prompt : self["learn_prompt"]?.text(orElse: nil)
    }
    /// Whether its prompt is the expert's.
    fileprivate var isForLearning: Bool { self["prompt_mode"]?.string == GenerationMode.learn.rawValue }
    /// Made of the data alone: for whoever has no prompt yet.
    fileprivate var plainPrompt: String { PlainPrompt.text(self, title: nil, domain: nil) }

    /// What is told in a mode in which the prompt is not. Of somebody who was only asked to teach, the person of the
    /// scenario is made of the data.
    fileprivate var promptsByMode: [String: String] {
        var prompts: [GenerationMode: String] = [:]
        prompts[.learn] = self.learnPrompt
        if self.isForLearning { for mode in [GenerationMode.assess, .tryOut] { prompts[mode] = self.plainPrompt } }
        return Dictionary(uniqueKeysWithValues: prompts.map { ($0.key.rawValue, $0.value) })
    }

    /// The part of the older shape that says who it is.
    private var older: JSONValue { self["persona_details"] ?? [:] }

    /// What it says first: by its rules, where its archetype is one that speaks first.
    public var greeting: String? {
        guard let archetype = Archetype(in: self.archetype), archetype.speaksFirst else { return nil }
        return self.rules.openingLine
    }

    /// What a writer of prompts is told: everything but how it was made.
    var facts: [String: JSONValue] {
        let own = [
            "id", "generation_metadata", "prompt", "prompts", "prompt_mode", "prompt_generated_at", "modes",
            "learn_prompt",
        ]
        return self.members.filter { !own.contains($0.key) }
    }

    /// Takes a prompt for a mode. Try and assess share one; the one of the learning expert stands in its place until there
    /// is another, and then beside it.
    public mutating func take(_ prompt: WrittenPrompt, modes: [GenerationMode], at moment: Date) {
        let had = (self["modes"]?.array ?? []).compactMap { $0.string.flatMap { GenerationMode(rawValue: $0) } }
        self["modes"] = .array(
            GenerationMode.allCases.filter { had.contains($0) || modes.contains($0) }.map { .string($0.rawValue) })
        if modes == [.learn], self.prompt != nil, !self.isForLearning {
            self["learn_prompt"] = .string(prompt.text)
            return
        }
        if modes != [.learn], self.isForLearning { self["learn_prompt"] = self["prompt"] }
        let main = modes.contains(.assess) ? GenerationMode.assess : modes.first { $0 != .learn } ?? .learn
        self["prompt"] = .string(prompt.text)
        self["prompt_mode"] = .string(main.rawValue)
        self["prompt_generated_at"] = .string(moment.formatted(.iso8601))
        self["prompt_generated_by"] = .string(prompt.generatedBy)
        self["prompt_fallback"] = .bool(prompt.isFallback)
    }
}

extension PersonaRecord {
    /// A generated persona as somebody to talk to. Without a prompt of its own it is told the plain one.
    public init(_ persona: GeneratedPersona, owner: String, at moment: Date) {
        var config = PersonaConfig()
        config.name = persona.name
        config.systemPrompt = persona.prompt ?? persona.plainPrompt
        config.prompts = persona.promptsByMode
        config.greeting = persona.isForLearning ? nil : persona.greeting
        config.gender = persona.gender
        config.field = persona.field
        self.init(
            id: persona.id, owner: owner, kind: .generated, config: config, createdAt: moment, updatedAt: moment)
    }
}
