import JSON

/// A system prompt made of the data alone, without a model: prose, the same for the same data.
enum PlainPrompt {
    /// - Parameters:
    ///   - title: of the scenario; nil where it is not known.
    ///   - domain: what it is about; nil where it is not known.
    static func text(_ persona: GeneratedPersona, title: String?, domain: String?) -> String {
        let rules = persona.rules
        var paragraphs = [self.introduction(persona, title, domain)]
        paragraphs += self.older(persona)
        paragraphs += self.details(persona)
        if let own = self.archetype(persona) { paragraphs.append(own) }
        paragraphs.append("How you behave: " + Archetype.behaviour(persona.archetype).joined(separator: " "))
        paragraphs.append(self.flow(rules))
        paragraphs.append("What you keep to, always: " + Guardrails.sentences.joined(separator: " "))
        return paragraphs.joined(separator: "\n\n")
    }

    /// For an expert who teaches a scenario.
    static func expert(_ facts: ScenarioFacts) -> String {
        let definition = facts.definition(.learn)
        let role = definition["role"]?.text(orElse: nil) ?? "experienced trainer"
        var paragraphs = [
            "You are an expert who teaches how to master this: \(facts.title). You speak as \(role), in the field of "
                + "\(facts.domain)."
        ]
        if let words = definition["description"]?.text(orElse: nil) { paragraphs.append(self.ended(words)) }
        let context = self.sentences(facts.context.object ?? [:], order: [])
        if !context.isEmpty { paragraphs.append("What the learner will meet. " + context) }
        paragraphs.append(
            "Begin by asking what the learner has tried already. Explain one thing at a time, give an example from this "
                + "very situation, let the learner try it, and say what was good before you say what could be better. End "
                + "with one thing to practise.")
        paragraphs.append("What you keep to, always: " + Guardrails.sentences.joined(separator: " "))
        return paragraphs.joined(separator: "\n\n")
    }

    private static func introduction(_ persona: GeneratedPersona, _ title: String?, _ domain: String?) -> String {
        let age = persona.age.map { ", \($0) years old" } ?? ""
        let place = persona["location"]
        let city = [place?["city"], place?["state"], place?["country"]].compactMap { $0?.text(orElse: nil) }
        var text = "You are \(persona.name)\(age), \(persona.role)"
        text += city.isEmpty ? "." : " in \(city.joined(separator: ", "))."
        if let now = place?["current_physical_location"]?.text(orElse: nil), now != "At location" {
            text += " At this moment: \(self.ended(now))"
        }
        if let words = persona["description"]?.text(orElse: nil) { text += " \(self.ended(words))" }
        if let title { text += " This conversation is about: \(self.ended(title))" }
        if let domain, domain != "general" { text += " Its domain is \(self.ended(domain))" }
        return text
    }

    /// What personas of the older shape say elsewhere.
    private static func older(_ persona: GeneratedPersona) -> [String] {
        let parts = [("situation", "Your situation"), ("character_goal", "What you want"), ("background", "Your past")]
        return parts.compactMap { key, heading in
            guard let value = persona[key] else { return nil }
            let words = self.words(value)
            return words.isEmpty ? nil : "\(heading): \(self.ended(words))"
        }
    }

    private static func details(_ persona: GeneratedPersona) -> [String] {
        let order = (persona["detail_categories_included"]?.array ?? []).compactMap(\.string)
        let details = persona.details
        let names = order.filter { details[$0] != nil } + details.keys.filter { !order.contains($0) }.sorted()
        return names.compactMap { name in
            guard let fields = details[name]?.object, fields["error"] == nil else { return nil }
            let sentences = self.sentences(fields, order: [])
            return sentences.isEmpty ? nil : "Your \(name.asWords). \(sentences)"
        }
    }

    private static func archetype(_ persona: GeneratedPersona) -> String? {
        let sentences = self.sentences(persona["archetype_specific_data"]?.object ?? [:], order: [])
        return sentences.isEmpty ? nil : "Where you stand in this matter. \(sentences)"
    }

    private static func flow(_ rules: ConversationRules) -> String {
        var text = "How you start: \(self.ended(rules.openingBehavior))"
        text += " How you answer: \(self.ended(rules.responseStyle)) Keep each answer under \(rules.wordLimit) words."
        let headings = [
            ("what_engages", "You warm to"), ("what_frustrates", "You grow impatient with"),
            ("what_escalates", "You grow sharper at"), ("what_ends_conversation", "You end the conversation at"),
        ]
        for (key, heading) in headings {
            guard let lines = rules.triggers[key] else { continue }
            text += " \(heading) \(self.ended(lines.joined(separator: "; ")))"
        }
        return text
    }

    // MARK: Data as words

    private static func sentences(_ fields: [String: JSONValue], order: [String]) -> String {
        fields.sorted { $0.key < $1.key }.compactMap { key, value in
            let words = self.words(value)
            guard !words.isEmpty else { return nil }
            return "\(key.asWords.sentenceStart): \(self.ended(words))"
        }.joined(separator: " ")
    }

    private static func words(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .bool(let flag): flag ? "yes" : "no"
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .string(let text): text.trimmed
        case .array(let items): items.map(self.words).filter { !$0.isEmpty }.joined(separator: "; ")
        case .object(let members):
            members.sorted { $0.key < $1.key }.map { "\($0.key.asWords): \(self.words($0.value))" }
                .joined(separator: "; ")
        }
    }

    private static func ended(_ text: String) -> String {
        guard let last = text.last, !".!?।".contains(last) else { return text }
        return text + "."
    }
}

extension String {
    /// With a capital letter.
    var sentenceStart: String { self.prefix(1).uppercased() + self.dropFirst() }
}
