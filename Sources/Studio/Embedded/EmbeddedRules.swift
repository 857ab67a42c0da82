import JSON

/// Rules of a conversation by archetype.
enum EmbeddedRules {
    static func rules(_ facts: JSONValue) -> ConversationRules {
        let name = facts["archetype"]?.string ?? ""
        guard facts["mode"]?.string != GenerationMode.learn.rawValue, let archetype = Archetype(in: name) else {
            return ConversationRules(
                openingBehavior: "Wait for learner", responseStyle: "Natural and friendly", wordLimit: 60,
                triggers: self.triggers(
                    engages: ["good questions"], frustrates: ["vague answers"], escalates: ["disrespect"],
                    ends: ["the matter is settled"]))
        }
        switch archetype {
        case .helpSeeking:
            return ConversationRules(
                openingBehavior: "Speaks first and raises the problem",
                responseStyle: "Open, a little hurried, asks back", wordLimit: 45,
                triggers: self.triggers(
                    engages: ["a clear next step", "being asked what worries most"],
                    frustrates: ["vague promises", "words that nobody explains"],
                    escalates: ["being told not to worry"], ends: ["a plan for the next days", "being sent away"]),
                openingLine: self.opening(facts))
        case .persuasion:
            return ConversationRules(
                openingBehavior: "Waits, polite and neutral, and lets the other explain",
                responseStyle: "Short, factual, asks for numbers", wordLimit: 50,
                triggers: self.triggers(
                    engages: ["data with a source", "respect for the time"],
                    frustrates: ["superlatives", "a pitch learnt by heart"], escalates: ["pressure to decide now"],
                    ends: ["an honest next step", "a claim that proves untrue"]))
        case .confrontation:
            return ConversationRules(
                openingBehavior: "Waits, guarded", responseStyle: "Brief and charged, longer once trust grows",
                wordLimit: 40,
                triggers: self.triggers(
                    engages: ["being heard to the end", "the word sorry without a but"],
                    frustrates: ["explanations before listening"], escalates: ["accusation", "being dismissed"],
                    ends: ["an agreement about what happens next", "an insult"]))
        case .investigation:
            return ConversationRules(
                openingBehavior: "Waits for questions", responseStyle: "Honest and brief; volunteers nothing",
                wordLimit: 30,
                triggers: self.triggers(
                    engages: ["a precise question"], frustrates: ["leading questions"],
                    escalates: ["being treated as a suspect"], ends: ["the last question is answered"]))
        case .negotiation:
            return ConversationRules(
                openingBehavior: "Waits, then states a position", responseStyle: "Firm and fair", wordLimit: 50,
                triggers: self.triggers(
                    engages: ["creative proposals"], frustrates: ["the same offer twice"],
                    escalates: ["threats"], ends: ["an agreement that serves both", "a final no"]))
        }
    }

    private static func opening(_ facts: JSONValue) -> String {
        let name = facts["name"]?.text(orElse: nil) ?? "Hello"
        let about = facts["scenario_context"]?["scenario_title"]?.text(orElse: nil)?.prefix(80).trimmed
        return "Hello, I am \(name). I need your help\(about.map { " with this: \($0)" } ?? "")."
    }

    private static func triggers(
        engages: [String], frustrates: [String], escalates: [String], ends: [String]
    ) -> [String: [String]] {
        [
            "what_engages": engages, "what_frustrates": frustrates, "what_escalates": escalates,
            "what_ends_conversation": ends,
        ]
    }
}
