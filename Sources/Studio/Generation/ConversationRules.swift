import JSON

/// How a persona holds its side of a conversation.
public struct ConversationRules: Sendable, Equatable {
    public var openingBehavior: String
    public var responseStyle: String
    /// Words of one answer at most.
    public var wordLimit: Int
    /// What engages, frustrates, escalates, and ends the conversation.
    public var triggers: [String: [String]]
    /// What the persona says first; nil where it waits.
    public var openingLine: String?

    static let triggerKeys = ["what_engages", "what_frustrates", "what_escalates", "what_ends_conversation"]
    /// In place of those that no model gave.
    public static let fallback = ConversationRules(
        openingBehavior: "Wait for learner", responseStyle: "Natural", wordLimit: 50, triggers: [:])

    init(
        openingBehavior: String, responseStyle: String, wordLimit: Int, triggers: [String: [String]],
        openingLine: String? = nil
    ) {
        self.openingBehavior = openingBehavior
        self.responseStyle = responseStyle
        self.wordLimit = wordLimit
        self.triggers = triggers
        self.openingLine = openingLine
    }

    /// Reads what a model or a client wrote; what is missing is as in `fallback`.
    ///
    /// - Returns: nil for what is no object or says nothing of the kind.
    public init?(_ value: JSONValue?) {
        guard let members = value?.object, members["opening_behavior"] != nil || members["response_style"] != nil else {
            return nil
        }
        self = .fallback
        self.openingBehavior = members["opening_behavior"]?.text(orElse: nil) ?? self.openingBehavior
        self.responseStyle = members["response_style"]?.text(orElse: nil) ?? self.responseStyle
        let limit = members["word_limit"]?.integer ?? Int(members["word_limit"]?.string ?? "")
        if let limit, (5...500).contains(limit) { self.wordLimit = limit }
        for key in Self.triggerKeys {
            let lines = (members["behavioral_triggers"]?[key]?.array ?? []).compactMap { $0.text(orElse: nil) }
            if !lines.isEmpty { self.triggers[key] = lines }
        }
        self.openingLine = members["opening_line"]?.text(orElse: nil)
    }

    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "opening_behavior": .string(self.openingBehavior), "response_style": .string(self.responseStyle),
            "word_limit": .integer(self.wordLimit),
            "behavioral_triggers": .object(self.triggers.mapValues { .array($0.map { .string($0) }) }),
        ]
        members["opening_line"] = self.openingLine.map { .string($0) }
        return .object(members)
    }
}
