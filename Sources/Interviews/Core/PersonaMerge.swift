import JSON

/// How a draft joins what a persona has already: nothing that is there is lost, nothing is there twice.
struct PersonaMerge {
    /// The only members of core.json that may change, in the order in which they are told.
    static let paths = [
        ["values", "core"], ["personality", "communicationStyle"], ["personality", "bigFive"], ["goals"],
    ]

    let draft: PersonaDraft

    /// What the member at one of `paths` should be; nil where the draft has nothing to say about it.
    func value(at path: [String], now old: JSONValue?) -> JSONValue? {
        switch path.last {
        case "core": self.values(old)
        case "communicationStyle": self.style(old)
        case "bigFive": self.bigFive(old)
        default: self.goals(old)
        }
    }

    private func values(_ old: JSONValue?) -> JSONValue? {
        guard !self.draft.values.isEmpty else { return nil }
        let present = old?.array ?? []
        let new = self.draft.values.enumerated().map { index, value -> JSONValue in
            [
                "value": .string(value.value), "description": .string(value.description),
                "priority": .integer(present.count + index + 1),
            ]
        }
        return .array(Self.union(present, new, key: "value"))
    }

    private func goals(_ old: JSONValue?) -> JSONValue? {
        let goals = self.draft.goals
        guard !goals.isEmpty else { return nil }
        var members = old?.object ?? [:]
        for (key, texts) in [("shortTerm", goals.shortTerm), ("midTerm", goals.midTerm), ("longTerm", goals.longTerm)]
        where !texts.isEmpty {
            let new = texts.map { text -> JSONValue in ["goal": .string(text), "status": "active"] }
            members[key] = .array(Self.union(members[key]?.array ?? [], new, key: "goal"))
        }
        return .object(members)
    }

    private func style(_ old: JSONValue?) -> JSONValue? {
        let style = self.draft.communicationStyle
        guard !style.isEmpty else { return nil }
        var members = old?.object ?? [:]
        for (key, texts) in [("tone", style.tone), ("notes", style.notes)] where !texts.isEmpty {
            let present = members[key]?.array ?? members[key].map { [$0] } ?? []
            members[key] = .array(Self.union(present, texts.map { .string($0) }, key: key))
        }
        return .object(members)
    }

    private func bigFive(_ old: JSONValue?) -> JSONValue? {
        guard !self.draft.bigFive.isEmpty else { return nil }
        return .object((old?.object ?? [:]).merging(self.draft.bigFive.mapValues { .number($0) }) { $1 })
    }

    /// persona/cache.json; nil where there is nothing for it.
    func cache(_ old: JSONValue?) -> JSONValue? {
        guard !self.draft.background.isEmpty || !self.draft.currentFocus.isEmpty || !self.draft.summary.isEmpty else {
            return nil
        }
        var members = old?.object ?? [:]
        if !self.draft.summary.isEmpty { members["summary"] = .string(self.draft.summary) }
        for (key, texts) in [("background", self.draft.background), ("currentFocus", self.draft.currentFocus)]
        where !texts.isEmpty {
            members[key] = .array(Self.union(members[key]?.array ?? [], texts.map { .string($0) }, key: key))
        }
        return .object(members)
    }

    /// persona/relationships.json; nil where nobody was named.
    func relationships(_ old: JSONValue?) -> JSONValue? {
        guard !self.draft.relationships.isEmpty else { return nil }
        var members = old?.object ?? [:]
        let new = self.draft.relationships.map { person -> JSONValue in
            ["name": .string(person.name), "relation": .string(person.relation)]
        }
        members["people"] = .array(Self.union(members["people"]?.array ?? [], new, key: "name"))
        return .object(members)
    }

    /// The old ones, then those of the new ones that are not among them. Two are the same if they are called the same.
    private static func union(_ old: [JSONValue], _ new: [JSONValue], key: String) -> [JSONValue] {
        func name(_ value: JSONValue) -> String { (value[key] ?? value).string?.lowercased() ?? value.text }
        var known = Set(old.map(name))
        return old + new.filter { known.insert(name($0)).inserted }
    }
}
