import JSON
import Personas

/// What a client says a persona should be. Names are taken in camel and in snake case; what a provider alone decides
/// (`status`, `lastStatusAt`, `syncError`, `isSyncedRemote`, `personaId`) is passed over.
public enum PersonaInput {
    public static let maxName = 200
    public static let maxPrompt = 5_000
    /// Of a prompt that was generated.
    public static let maxGeneratedPrompt = 24_000
    public static let maxContext = 10_000
    public static let maxGreeting = 1_000
    public static let maxDocuments = 50
    public static let maxDocumentTags = 20
    static let maxReference = 128

    /// - Parameter maxPrompt: scalars; more than an author's own where a generated one may come.
    /// - Throws: everything that is wrong.
    public static func config(
        _ members: [String: JSONValue], maxPrompt: Int = Self.maxPrompt
    ) throws(InvalidInput) -> PersonaConfig {
        var reader = FieldReader(members)
        let config = self.read(members, &reader, maxPrompt: maxPrompt)
        guard let config, reader.violations.isEmpty else { throw InvalidInput(reader.violations) }
        return config
    }

    /// - Parameter outer: gathers what is wrong.
    /// - Returns: nil where something is.
    static func read(
        _ members: [String: JSONValue], _ outer: inout FieldReader, maxPrompt: Int = Self.maxPrompt
    ) -> PersonaConfig? {
        var reader = FieldReader(members)
        var config = PersonaConfig()
        config.name = reader.text("personaName", "persona_name", limit: self.maxName)
        config.systemPrompt = reader.text("systemPrompt", "system_prompt", limit: maxPrompt, mayBeBlank: true)
        config.pipeline = reader.word("pipelineMode", "pipeline_mode", as: PersonaConfig.Pipeline.self) ?? .full
        config.context = reader.text("context", limit: self.maxContext, mayBeBlank: true)
        config.greeting = reader.text("greeting", limit: self.maxGreeting)
        config.language = reader.text("language", limit: 40)
        config.defaultReplicaID = reader.text("defaultReplicaId", "default_replica_id", limit: self.maxReference)
        self.readLayers(&config, &reader)
        self.readDocuments(&config, members, &reader)
        self.judge(config, &reader)
        outer.complain(reader.violations)
        return reader.violations.isEmpty ? config : nil
    }

    private static func judge(_ config: PersonaConfig, _ reader: inout FieldReader) {
        let isMissing = config.pipeline == .full && !config.hasPrompt
        if isMissing, !reader.violations.contains(where: { $0.field == "systemPrompt" }) {
            reader.complain("systemPrompt", "is required while pipelineMode is full, and must not be blank")
        }
        if let language = config.language, Language(authored: language) == nil {
            reader.complain("language", "must be a name such as Hindi or a tag such as hi-IN")
        }
    }

    private static func readLayers(_ config: inout PersonaConfig, _ reader: inout FieldReader) {
        guard let layers = reader.object("layers") else { return }
        reader.complain(LayerRules.violations(in: layers))
        var own = layers
        for key in ["document_ids", "document_tags"] { own[key] = nil }
        config.layers = PersonaLayers.merge(own, over: PersonaLayers.defaults)
    }

    /// The older shape has them inside the layers.
    private static func readDocuments(
        _ config: inout PersonaConfig, _ members: [String: JSONValue], _ reader: inout FieldReader
    ) {
        let layers = members["layers"]?.object ?? [:]
        config.documentIDs = reader.texts(
            reader.value(["document_ids", "documentIds"]) ?? layers["document_ids"], "document_ids",
            maxCount: self.maxDocuments, limit: self.maxReference)
        config.documentTags = reader.texts(
            reader.value(["document_tags", "documentTags"]) ?? layers["document_tags"], "document_tags",
            maxCount: self.maxDocumentTags, limit: self.maxReference)
    }
}

extension PersonaConfig {
    var hasPrompt: Bool { self.systemPrompt.map { !$0.isBlank } ?? false }
}
