import JSON

/// What an author says of a persona.
public struct PersonaConfig: Sendable, Equatable {
    public enum Pipeline: String, Sendable, CaseIterable {
        /// The persona thinks and speaks.
        case full
        /// The user hears what the user says.
        case echo
    }

    public var name: String?
    public var systemPrompt: String?
    /// Others in its place, by the mode that a client names.
    public var prompts: [String: String] = [:]
    /// Whose voice speaks where none is named; nil leaves it open.
    public var gender: String?
    /// What the conversation is about; nil for its scenario's title, or its name.
    public var field: String?
    public var pipeline = Pipeline.full
    public var context: String?
    /// What it says first by voice; nil leaves the first word to the user.
    public var greeting: String?
    /// By name or tag; nil is found out from the prompt's script.
    public var language: String?
    public var defaultReplicaID: String?
    /// What the author set of the layers, over the defaults.
    public var layers = PersonaLayers.defaults
    public var documentIDs: [String] = []
    public var documentTags: [String] = []

    public init() {}

    /// The persona of a scenario whose author says nothing of it.
    public static let standard: PersonaConfig = {
        var config = PersonaConfig()
        config.systemPrompt =
            "You are the other person in a conversation that somebody practises. Stay in your part, speak naturally, and keep "
            + "each turn short."
        return config
    }()
}

extension PersonaConfig {
    /// In the words of the apps: camel case, unset fields absent.
    public var json: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "pipelineMode": .string(self.pipeline.rawValue), "layers": .object(self.layers),
            "document_ids": .array(self.documentIDs.map { .string($0) }),
            "document_tags": .array(self.documentTags.map { .string($0) }),
        ]
        members["personaName"] = self.name.map { .string($0) }
        members["systemPrompt"] = self.systemPrompt.map { .string($0) }
        if !self.prompts.isEmpty { members["prompts"] = .object(self.prompts.mapValues { .string($0) }) }
        members["gender"] = self.gender.map { .string($0) }
        members["field"] = self.field.map { .string($0) }
        members["context"] = self.context.map { .string($0) }
        members["greeting"] = self.greeting.map { .string($0) }
        members["language"] = self.language.map { .string($0) }
        members["defaultReplicaId"] = self.defaultReplicaID.map { .string($0) }
        return members
    }

    /// Reads what `json` wrote; what is missing has its default.
    public init(stored members: [String: JSONValue]) {
        self.name = members["personaName"]?.string
        self.systemPrompt = members["systemPrompt"]?.string
        self.gender = members["gender"]?.string
        self.field = members["field"]?.string
        self.prompts = (members["prompts"]?.object ?? [:]).compactMapValues(\.string)
        self.pipeline = members["pipelineMode"]?.string.flatMap { Pipeline(rawValue: $0) } ?? .full
        self.context = members["context"]?.string
        self.greeting = members["greeting"]?.string
        self.language = members["language"]?.string
        self.defaultReplicaID = members["defaultReplicaId"]?.string
        self.layers = members["layers"]?.object ?? PersonaLayers.defaults
        self.documentIDs = (members["document_ids"]?.array ?? []).compactMap(\.string)
        self.documentTags = (members["document_tags"]?.array ?? []).compactMap(\.string)
    }

    /// Takes what a generated persona's document says, and leaves what was set elsewhere, such as tools.
    public mutating func take(generated other: PersonaConfig) {
        self.name = other.name
        self.systemPrompt = other.systemPrompt
        self.prompts = other.prompts
        self.greeting = other.greeting
        self.gender = other.gender
        self.field = other.field
    }

    /// Functions that the persona may call.
    public var tools: [JSONValue] {
        get { self.layers["llm"]?["tools"]?.array ?? [] }
        set {
            var llm = self.layers["llm"]?.object ?? [:]
            llm["tools"] = .array(newValue)
            self.layers["llm"] = .object(llm)
        }
    }
}
