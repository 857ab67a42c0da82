/// How a provider's API names things. Answers are read under either name; requests never mix the two, which is refused.
public struct ProviderProfile: Sendable, Equatable {
    public var name: String
    var personasPath: String
    var personaID: String
    var personaName: String
    /// Of a list, `user` for the account's own.
    var personaKind: String
    var replicasPath: String
    var replicaName: String
    /// Of a persona.
    var defaultReplica: String
    /// Whether a persona has to name one.
    var requiresReplica: Bool
    var documentsPath: String { "/v2/documents" }

    /// `/v2/personas`, `replica`.
    public static let personas = ProviderProfile(
        name: "personas", personasPath: "/v2/personas", personaID: "persona_id", personaName: "persona_name",
        personaKind: "persona_type", replicasPath: "/v2/replicas", replicaName: "replica_name",
        defaultReplica: "default_replica_id", requiresReplica: false)

    /// The names of 2026: `/v2/pals`, `face`.
    public static let pals = ProviderProfile(
        name: "pals", personasPath: "/v2/pals", personaID: "pal_id", personaName: "pal_name",
        personaKind: "pal_type", replicasPath: "/v2/faces", replicaName: "face_name",
        defaultReplica: "default_face_id", requiresReplica: true)

    /// Everything of a persona that is ever sent.
    var personaFields: [String] {
        [
            self.personaName, "system_prompt", "pipeline_mode", self.defaultReplica, "document_ids", "document_tags",
            "layers",
        ]
    }

    /// The default comes first.
    public static let all = [Self.personas, Self.pals]

    /// nil for a name that there is not.
    public init?(named name: String) {
        guard let profile = Self.all.first(where: { $0.name == name }) else { return nil }
        self = profile
    }

    private init(
        name: String, personasPath: String, personaID: String, personaName: String, personaKind: String,
        replicasPath: String, replicaName: String, defaultReplica: String, requiresReplica: Bool
    ) {
        self.name = name
        self.personasPath = personasPath
        self.personaID = personaID
        self.personaName = personaName
        self.personaKind = personaKind
        self.replicasPath = replicasPath
        self.replicaName = replicaName
        self.defaultReplica = defaultReplica
        self.requiresReplica = requiresReplica
    }
}
