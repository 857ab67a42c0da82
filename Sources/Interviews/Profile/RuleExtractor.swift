/// Makes a draft of what was said, without a model: it collects what people say of themselves, and invents nothing.
enum RuleExtractor {
    private static let values: [(name: String, marks: [String])] = [
        ("honesty", ["honest", "truth", "integrity", "sincer", "ईमानदार", "सच"]),
        ("family", ["family", "my children", "my parents", "परिवार", "माता-पिता"]),
        ("freedom", ["freedom", "independen", "autonomy", "आज़ादी", "आजादी", "स्वतंत्र"]),
        ("kindness", ["kind", "compassion", "empathy", "दया", "करुणा"]),
        ("loyalty", ["loyal", "faithful", "वफ़ादार"]),
        ("learning", ["learn", "curio", "knowledge", "सीख", "ज्ञान"]),
        ("health", ["health", "fitness", "स्वास्थ्य", "सेहत"]),
        ("faith", ["faith", "god", "spiritual", "prayer", "भगवान", "आस्था", "पूजा"]),
        ("creativity", ["creativ", "art", "music", "कला", "संगीत"]),
        ("security", ["security", "safety", "stability", "सुरक्षा"]),
        ("justice", ["justice", "fair", "equal", "न्याय", "बराबर"]),
        ("respect", ["respect", "dignity", "सम्मान", "इज़्ज़त"]),
        ("friendship", ["friend", "दोस्त", "मित्र"]),
        ("hard work", ["hard work", "diligen", "discipline", "मेहनत", "अनुशासन"]),
    ]
    private static let tones: [(name: String, marks: [String])] = [
        ("direct", ["direct", "straight", "blunt", "to the point", "सीधे", "साफ़"]),
        ("warm", ["warm", "friendly", "affection", "प्यार", "अपनापन"]),
        ("gentle", ["gentle", "soft", "calm", "patient", "शांत", "धीरे"]),
        ("humorous", ["humour", "humor", "joke", "funny", "laugh", "मज़ाक", "हँसी"]),
        ("formal", ["formal", "polite", "औपचारिक", "विनम्र"]),
        ("casual", ["casual", "informal", "relaxed", "सहज"]),
        ("concise", ["concise", "brief", "short sentences", "few words", "कम शब्द"]),
        ("curious", ["ask questions", "curious", "सवाल पूछ"]),
    ]
    private static let near = [
        "this week", "this month", "this year", "soon", "by the end of", "इस साल", "इस महीने", "जल्दी",
    ]
    private static let far = [
        "someday", "one day", "ten years", "in my life", "long term", "eventually", "before i die", "किसी दिन",
        "दस साल", "जीवन में",
    ]
    private static let kin = [
        "mother", "father", "sister", "brother", "wife", "husband", "daughter", "son", "partner", "grandmother",
        "grandfather",
    ]

    static func extract(_ transcript: Transcript) -> PersonaDraft {
        var draft = PersonaDraft()
        for turn in transcript.turns {
            switch turn.aspect {
            case .values: self.readValues(turn.answer, into: &draft)
            case .goals: self.readGoals(turn.answer, into: &draft)
            case .style: self.readStyle(turn.answer, into: &draft)
            case .biography: self.add(Words.sentences(turn.answer), to: &draft.background)
            case .currentFocus: self.add(Words.sentences(turn.answer), to: &draft.currentFocus)
            }
            self.readRelationships(turn.answer, into: &draft)
        }
        draft.summary = self.summary(draft)
        return draft
    }

    private static func readValues(_ answer: String, into draft: inout PersonaDraft) {
        for sentence in Words.sentences(answer) {
            let words = Words.of(sentence)
            for value in self.values where Words.contain(words, value.marks) {
                guard !draft.values.contains(where: { $0.value == value.name }) else { continue }
                draft.values.append(.init(value: value.name, description: Words.excerpt(sentence)))
            }
        }
    }

    private static func readGoals(_ answer: String, into draft: inout PersonaDraft) {
        for sentence in Words.sentences(answer) {
            let words = Words.of(sentence)
            if Words.contain(words, self.near) {
                self.add([sentence], to: &draft.goals.shortTerm)
            } else if Words.contain(words, self.far) {
                self.add([sentence], to: &draft.goals.longTerm)
            } else {
                self.add([sentence], to: &draft.goals.midTerm)
            }
        }
    }

    private static func readStyle(_ answer: String, into draft: inout PersonaDraft) {
        let words = Words.of(answer)
        self.add(self.tones.filter { Words.contain(words, $0.marks) }.map(\.name), to: &draft.communicationStyle.tone)
        self.add(Words.sentences(answer), to: &draft.communicationStyle.notes)
    }

    /// `my sister Asha`: a word of kin with a name behind it.
    private static func readRelationships(_ answer: String, into draft: inout PersonaDraft) {
        for match in answer.matches(of: /\b[Mm]y ([a-z]+),? ([A-Z][a-z]+)\b/) {
            let relation = String(match.1)
            guard self.kin.contains(relation), draft.relationships.count < 20 else { continue }
            let person = PersonaDraft.Relationship(name: String(match.2), relation: relation)
            if !draft.relationships.contains(person) { draft.relationships.append(person) }
        }
    }

    private static func add(_ texts: [String], to list: inout [String]) {
        for text in texts.map({ Words.excerpt($0) }) where !list.contains(text) && list.count < 20 { list.append(text) }
    }

    private static func summary(_ draft: PersonaDraft) -> String {
        var parts: [String] = []
        if !draft.values.isEmpty {
            parts.append("Values named: \(draft.values.map(\.value).joined(separator: ", ")).")
        }
        let goals = draft.goals.shortTerm + draft.goals.midTerm + draft.goals.longTerm
        if let goal = goals.first { parts.append("Wants: \(goal).") }
        if !draft.communicationStyle.tone.isEmpty {
            parts.append("Speaks in a way called \(draft.communicationStyle.tone.joined(separator: ", ")).")
        }
        if let focus = draft.currentFocus.first { parts.append("Busy with: \(focus).") }
        return parts.joined(separator: " ")
    }
}
