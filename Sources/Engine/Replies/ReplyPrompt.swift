import LanguageModels

/// What a language model is asked for one reply: the persona, then the conversation so far.
struct ReplyPrompt: Sendable, Equatable {
    /// The oldest turns go first; what a persona says of itself stays.
    static let maxMessages = 40
    static let maxBytes = 24_000

    let messages: [ChatMessage]

    /// nil where the last thing said is speech of which nobody knows the words: a model would make them up.
    init?(instructions: String, context: [ConversationItem.Body], isSpoken: Bool) {
        let turns = context.compactMap { Self.message($0) }
        if case .message(.user, let content)? = context.last(where: { Self.isTurn($0) }),
            Self.isUnheardSpeech(content)
        {
            return nil
        }
        var system = instructions
        if isSpoken {
            system +=
                "\n\nYour answer is spoken aloud: a few short sentences, without lists, headings, markup or emoji."
        }
        var kept = Self.latest(turns)
        // Servers want a turn of the user's to answer.
        if kept.last?.author != .user { kept.append(ChatMessage(.user, "(The user says nothing. Begin, or go on.)")) }
        self.messages = [ChatMessage(.system, system)] + kept
    }

    private static func latest(_ turns: [ChatMessage]) -> [ChatMessage] {
        var bytes = 0
        let kept = turns.suffix(self.maxMessages).reversed().prefix { message in
            bytes += message.text.utf8.count
            return bytes <= self.maxBytes
        }
        return kept.reversed()
    }

    private static func isTurn(_ body: ConversationItem.Body) -> Bool {
        switch body {
        case .message(.system, _), .functionCall: false
        case .message, .functionOutput: true
        }
    }

    private static func isUnheardSpeech(_ content: [ConversationItem.Content]) -> Bool {
        guard self.text(of: content).isEmpty else { return false }
        return content.contains { if case .inputAudio(let recording) = $0 { !recording.isSilence } else { false } }
    }

    private static func message(_ body: ConversationItem.Body) -> ChatMessage? {
        switch body {
        case .functionCall: return nil
        case .functionOutput(_, let output): return ChatMessage(.user, "(A function returned: \(output))")
        case .message(let role, let content):
            let author: ChatMessage.Author =
                switch role {
                case .system: .system
                case .user: .user
                case .assistant: .assistant
                }
            let text = self.text(of: content)
            if text.isEmpty, self.isUnheardSpeech(content) {
                return ChatMessage(author, "(The user spoke; the words are not known.)")
            }
            return text.isEmpty ? nil : ChatMessage(author, text)
        }
    }

    private static func text(of content: [ConversationItem.Content]) -> String {
        let parts = content.compactMap { part -> String? in
            switch part {
            case .inputText(let text), .outputText(let text): text
            case .inputAudio(let recording): recording.words
            case .outputAudio(let transcript, _): transcript
            case .inputImage: nil
            }
        }
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
