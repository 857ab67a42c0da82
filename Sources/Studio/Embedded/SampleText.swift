import JSON

/// Fills the placeholders of the library's sentences with what is known of a persona and its scenario.
struct SampleText {
    private let facts: JSONValue
    private let seed: UInt64

    init(_ facts: JSONValue) {
        self.facts = facts
        let who = "\(facts["name"]?.string ?? "") \(facts["age"]?.integer ?? 0) \(facts["variation"]?.integer ?? 0)"
        self.seed = Self.hash(who)
    }

    /// One of several sentences, always the same for the same persona and field.
    func sentence(_ choices: [String], _ field: String) -> String? {
        guard !choices.isEmpty else { return nil }
        return self.fill(choices[self.pick(field, choices.count)], field)
    }

    /// For fields of categories that bring no sentences.
    func generic(_ field: String) -> String {
        "\(field.asWords.sentenceStart) as it is usual for \(self.word("role", "somebody")) in "
            + "\(self.word("city", "town")), seen from \(self.topic)"
    }

    private func fill(_ sentence: String, _ field: String) -> String {
        var text = ""
        var rest = sentence[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            text += rest[..<open] + self.value(String(rest[rest.index(after: open)..<close]), field)
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }

    private func value(_ name: String, _ field: String) -> String {
        let key = field + name
        return switch name {
        case "name": self.word("name", "Character")
        case "age": String(self.facts["age"]?.integer ?? 35)
        case "role": self.word("role", "somebody")
        case "domain": self.word("domain", "the matter")
        case "city": self.word("city", "town")
        case "state": self.facts["location"]?["state"]?.text(orElse: nil) ?? "the same state"
        case "area": self.area
        case "topic": self.topic
        case "problem": self.problem
        case "years": String(self.number("years", max(2, (self.facts["age"]?.integer ?? 35) - 26), 2))
        case "few": String(self.number(key, 5, 2))
        case "many": String(self.number(key, 30, 15))
        case "dozens": String(self.number(key, 30, 24))
        case "young": String(self.number(key, 10, 14))
        case "percent": String(self.number(key, 10, 8))
        case "lakh": String(self.number("lakh", 18, 9))
        case "emi": "\(self.number(key, 25, 12)),000"
        case "kilometres": String(self.number(key, 20, 9))
        case "emotion":
            ["Hurt, with anger below it", "Anger, held back", "Shame, which comes out as irritation"][
                self.pick(key, 3)]
        case "childline": ["One daughter of 7", "Two children, 4 and 9", "None yet"][self.pick(key, 3)]
        case "healthline":
            ["Mild anaemia", "A thyroid value at the upper end", "None that needs treatment"][
                self.pick(key, 3)]
        default: name
        }
    }

    private func word(_ key: String, _ other: String) -> String { self.facts[key]?.text(orElse: nil) ?? other }

    private var area: String {
        self.facts["location"]?["specific_area"]?.text(orElse: nil) ?? "the station road"
    }

    /// What the scenario is about, in a few words of its own.
    private var topic: String {
        let context = self.facts["scenario_context"]
        let title = context?["scenario_title"]?.text(orElse: nil) ?? context?["topic"]?.text(orElse: nil)
        return title.map { $0.prefix(80).trimmed } ?? self.word("domain", "this matter")
    }

    private var problem: String {
        let context = self.facts["scenario_context"]
        return context?["situation"]?.text(orElse: nil) ?? self.facts["description"]?.text(orElse: nil) ?? self.topic
    }

    private func number(_ key: String, _ span: Int, _ from: Int) -> Int { from + self.pick(key, max(1, span)) }

    private func pick(_ key: String, _ count: Int) -> Int {
        Int((self.seed ^ Self.hash(key)) % 1_000_003 % UInt64(count))
    }

    /// FNV-1a: the same in every run, which `Hasher` is not.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
