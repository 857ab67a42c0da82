import JSON

/// What a double has before anybody asks: documents, replicas, and personas of the provider's own.
public struct DoubleSeed: Sendable, Equatable {
    var personas: [[String: JSONValue]] = []
    var replicas: [[String: JSONValue]] = []
    var documents: [[String: JSONValue]] = []

    /// - Parameter document: `{"personas": [...], "replicas": [...], "documents": [...]}`, each entry in the provider's
    ///   own words with its id; a `status` stays what it says.
    public init(_ document: JSONValue) throws(ProviderDoubleError) {
        guard let members = document.object else {
            throw ProviderDoubleError("seed", "a seed is an object with personas, replicas, documents")
        }
        for key in members.keys.sorted() where !["personas", "replicas", "documents"].contains(key) {
            throw ProviderDoubleError("seed", "\(key): a seed has personas, replicas and documents")
        }
        self.personas = try Self.entries(members["personas"], "personas", id: "persona_id")
        self.replicas = try Self.entries(members["replicas"], "replicas", id: "replica_id")
        self.documents = try Self.entries(members["documents"], "documents", id: "document_id")
    }

    private init() {}

    private static func entries(
        _ value: JSONValue?, _ name: String, id: String
    ) throws(ProviderDoubleError) -> [[String: JSONValue]] {
        guard let value else { return [] }
        guard let values = value.array else { throw ProviderDoubleError("seed", "\(name): not a list") }
        var entries: [[String: JSONValue]] = []
        for (index, value) in values.enumerated() {
            guard let members = value.object, members[id]?.string?.isEmpty == false else {
                throw ProviderDoubleError("seed", "\(name)[\(index)]: an object with \(id)")
            }
            entries.append(members)
        }
        return entries
    }

    /// A small company's shelf: enough to search, to filter and to page through.
    public static let stock: DoubleSeed = {
        var seed = DoubleSeed()
        seed.personas = [
            ["persona_id": "pstock0001", "persona_name": "Interviewer", "system_prompt": "You interview."]
        ]
        seed.replicas = [
            Self.replica("r0000anna1", "Anna", "system"), Self.replica("r0000rohan", "Rohan", "system"),
            Self.replica("r0000meera", "Meera", "user"),
            Self.replica("r0000train", "Still training", "user", ["status": "started", "training_progress": "40/100"]),
            Self.replica("r0000faile", "No consent", "user", ["status": "error", "error_message": "no consent found"]),
        ]
        seed.documents = [
            Self.document("d0000hand1", "Employee handbook", ["hr", "policy"]),
            Self.document("d0000hand2", "Leadership handbook", ["leadership", "coaching"]),
            Self.document("d0000price", "Price list 2026", ["sales"]),
            Self.document("d0000empty", "Empty file", ["sales"], ["status": "error", "error_message": "file_empty"]),
        ]
        return seed
    }()

    private static func replica(
        _ id: String, _ name: String, _ type: String, _ more: [String: JSONValue] = [:]
    ) -> [String: JSONValue] {
        let members: [String: JSONValue] = [
            "replica_id": .string(id), "replica_name": .string(name), "replica_type": .string(type),
            "thumbnail_video_url": .string("https://example.com/replicas/\(id).mp4"),
        ]
        return members.merging(more) { $1 }
    }

    private static func document(
        _ id: String, _ name: String, _ tags: [JSONValue], _ more: [String: JSONValue] = [:]
    ) -> [String: JSONValue] {
        let members: [String: JSONValue] = [
            "document_id": .string(id), "document_name": .string(name), "tags": .array(tags),
            "document_url": .string("https://example.com/documents/\(id).pdf"),
        ]
        return members.merging(more) { $1 }
    }
}
