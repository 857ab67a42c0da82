import JSON

/// The two sets of words that the provider has for the same things. The newer one takes the older words too; both at once
/// are refused.
struct Vocabulary: Sendable, Equatable {
    struct Word: Sendable, Equatable {
        let older: String
        let newer: String
    }

    static let all = [
        Word(older: "persona_id", newer: "pal_id"), Word(older: "persona_name", newer: "pal_name"),
        Word(older: "default_replica_id", newer: "default_face_id"), Word(older: "replica_id", newer: "face_id"),
        Word(older: "replica_name", newer: "face_name"), Word(older: "replica_type", newer: "face_type"),
        Word(older: "persona_type", newer: "pal_type"),
    ]

    let isNewer: Bool

    static let older = Vocabulary(isNewer: false)
    static let newer = Vocabulary(isNewer: true)

    /// How this set calls what the older one calls `word`.
    func word(_ word: String) -> String {
        guard self.isNewer else { return word }
        return Self.all.first { $0.older == word }?.newer ?? word
    }

    /// Members in this set's words.
    func render(_ members: [String: JSONValue]) -> [String: JSONValue] {
        Dictionary(members.map { (self.word($0.key), $0.value) }) { first, _ in first }
    }

    /// Members in the older words, whichever were sent.
    ///
    /// - Returns: nil where both words for one thing were sent.
    static func read(_ members: [String: JSONValue]) -> [String: JSONValue]? {
        guard !self.all.contains(where: { members[$0.older] != nil && members[$0.newer] != nil }) else { return nil }
        let older = Dictionary(uniqueKeysWithValues: self.all.map { ($0.newer, $0.older) })
        return Dictionary(members.map { (older[$0.key] ?? $0.key, $0.value) }) { first, _ in first }
    }
}
