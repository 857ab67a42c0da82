/// Finds what an author asks for and the safety preamble forbids, so that the author knows.
enum PromptReview {
    private static let findings: [(phrases: [String], warning: String)] = [
        (
            ["never say you are an ai", "do not say you are an ai", "claim to be human", "you are a real human"],
            "the prompt asks to pass for a human being; the safety preamble outranks it"
        ),
        (
            [
                "no disclaimer", "never use disclaimers", "do not use disclaimers", "avoid disclaimers",
                "never say uncertain",
            ],
            "the prompt forbids to admit doubt; the safety preamble outranks it"
        ),
        (
            ["guarantee", "100% accurate", "100 % accurate", "definitely will happen"],
            "the prompt speaks of certainty; the safety preamble outranks it"
        ),
    ]

    static func warnings(on prompt: String) -> [String] {
        let text = prompt.lowercased()
        return self.findings.filter { $0.phrases.contains { text.contains($0) } }.map(\.warning)
    }
}
