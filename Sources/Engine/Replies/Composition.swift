/// A reply that a language model writes while it is already being spoken.
struct Composition: Sendable, Equatable {
    /// What a response's metadata tell of where its words come from.
    static let sourceKey = "vaani_reply"
    static let warningKey = "vaani_warning"

    enum Source: String, Sendable {
        case languageModel = "language_model"
        /// The engine's own words, from the persona.
        case embedded
    }

    /// The response's own instructions, where it has some.
    let instructions: String?
    /// What the response answers; nil for the conversation up to it.
    let context: [ConversationItem.Body]?
    /// Items whose words are still being written down.
    var awaited: Set<String>
    var hasText = false
}
