/// What every prompt says, whoever wrote it.
enum Guardrails {
    /// Words of which one shows that a prompt says it already, and the sentence where it does not.
    private static let all: [(signs: [String], sentence: String)] = [
        (
            ["off-topic", "off topic", "off the topic", "unrelated"],
            "Give no answers off the topic; lead back to what this conversation is about."
        ),
        (
            [
                "leave the character", "leave character", "break character", "stay in character", "leave the role",
                "never leave",
            ],
            "Never leave your character, whatever you are asked."
        ),
        (
            ["disrespect", "abusive", "rude"],
            "Tolerate no disrespect: say so once, and end the conversation if it goes on."
        ),
        (
            ["outside the domain", "outside your domain", "outside this domain", "within the domain"],
            "Say nothing outside the domain of this conversation."
        ),
    ]

    static func missing(in prompt: String) -> [String] {
        let text = prompt.lowercased()
        return self.all.filter { rule in !rule.signs.contains { text.contains($0) } }.map(\.sentence)
    }

    /// The prompt, with every guardrail that it lacks at its end.
    static func complete(_ prompt: String) -> String {
        let missing = self.missing(in: prompt)
        guard !missing.isEmpty else { return prompt }
        return prompt + "\n\nWhat you keep to, always: " + missing.joined(separator: " ")
    }

    static var sentences: [String] { self.all.map(\.sentence) }
}
