/// Tells what words are about, by words alone.
enum AspectReader {
    private static let marks: [(Aspect, [String])] = [
        (
            .values,
            [
                "value", "matter", "important", "believe", "principle", "proud", "right thing", "respect", "honest",
                "faith", "trust", "fair", "महत्व", "मूल्य", "ज़रूरी", "जरूरी", "विश्वास", "ईमानदार", "सम्मान", "गर्व",
            ]
        ),
        (
            .goals,
            [
                "goal", "want to", "hope", "plan to", "dream", "achieve", "someday", "one day", "next year",
                "in five years",
                "would like to", "become", "लक्ष्य", "चाहता", "चाहती", "चाहते", "सपना", "सपने", "पाना",
            ]
        ),
        (
            .style,
            [
                "talk", "tone", "speak to", "humour", "humor", "joke", "direct", "gentle", "listen", "explain",
                "formal",
                "blunt", "communicat", "लहजा", "बोल", "सीधे", "मज़ाक", "बात करने", "समझाते",
            ]
        ),
        (
            .currentFocus,
            [
                "these days", "right now", "currently", "at the moment", "this week", "this month", "lately",
                "nowadays",
                "most of your time", "today", "आजकल", "इन दिनों", "अभी", "इस समय",
            ]
        ),
        (
            .biography,
            [
                "grew up", "born", "childhood", "parents", "school", "college", "my mother", "my father", "years ago",
                "moved", "family is", "background", "used to", "turning point", "shaped", "बचपन", "जन्म", "माता", "पिता",
                "परिवार", "पढ़ाई", "पले", "मोड़",
            ]
        ),
    ]

    /// What an answer touches.
    static func tags(in text: String) -> [Aspect] {
        let words = Words.of(text)
        return Aspect.allCases.filter { aspect in
            self.marks.contains { $0.0 == aspect && Words.contain(words, $0.1) }
        }
    }

    /// What a question is after; where it does not tell, what the answer is most about; else the person's life.
    static func aspect(ofQuestion question: String, answer: String) -> Aspect {
        self.best(question) ?? self.best(answer) ?? .biography
    }

    private static func best(_ text: String) -> Aspect? {
        let words = Words.of(text)
        let counts = self.marks.map { mark in
            (aspect: mark.0, count: mark.1.count { Words.contain(words, [$0]) })
        }
        // The first of equals, in the order above.
        guard let best = counts.map(\.count).max(), best > 0 else { return nil }
        return counts.first { $0.count == best }?.aspect
    }
}
