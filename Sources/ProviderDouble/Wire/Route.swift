/// What a path of the provider names.
struct Route: Sendable, Equatable {
    enum Collection: Sendable, Equatable {
        case personas(Vocabulary), replicas(Vocabulary), documents, voices
    }

    let collection: Collection
    let id: String?
    /// What is to be done with one thing, such as `recrawl`.
    let action: String?

    init?(_ path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        guard (2...4).contains(parts.count), parts[0] == "v2", parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        switch parts[1] {
        case "personas": self.collection = .personas(.older)
        case "pals": self.collection = .personas(.newer)
        case "replicas": self.collection = .replicas(.older)
        case "faces": self.collection = .replicas(.newer)
        case "documents": self.collection = .documents
        case "voices": self.collection = .voices
        default: return nil
        }
        self.id = parts.count > 2 ? parts[2] : nil
        self.action = parts.count > 3 ? parts[3] : nil
    }
}
