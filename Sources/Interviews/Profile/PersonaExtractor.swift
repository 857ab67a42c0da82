import JSON

/// Turns what was said into a draft: for interviews, and for whatever else asks people about themselves.
struct PersonaExtractor: Sendable {
    /// A draft, how sure it is, and who made it.
    struct Result: Sendable, Equatable {
        var draft: PersonaDraft
        /// By aspect; nil where rules made it.
        var claims: [Aspect: Int]?
        var by: LLMProfile
        /// Why rules made it although there is a model.
        var note: String?
    }

    let model: RoleModel

    func extract(_ transcript: Transcript, user: String) async -> Result {
        var result = Result(draft: RuleExtractor.extract(transcript), by: self.model.rules)
        let turns = transcript.turns.map { turn -> JSONValue in
            ["question": .string(turn.question), "answer": .string(turn.answer)]
        }
        switch await self.model.ask(["transcript": .array(turns)], for: user) {
        case .absent: break
        case .answered(let object):
            result = Result(draft: PersonaDraft(reading: object), claims: Self.claims(object), by: self.model.profile)
        case .failed(let reason): result.note = "\(reason); rules made the draft"
        }
        return result
    }

    private static func claims(_ object: [String: JSONValue]) -> [Aspect: Int] {
        var claims: [Aspect: Int] = [:]
        for (name, value) in object["confidence"]?.object ?? [:] {
            guard let aspect = Aspect(named: name), let number = value.double, (0...100).contains(number) else {
                continue
            }
            claims[aspect] = Int(number)
        }
        return claims
    }
}

extension PersonaDraft {
    /// Takes of a model's summary what has the right shape.
    init(reading object: [String: JSONValue]) {
        self.summary = object["summary"]?.string.map { Words.excerpt($0, limit: 1_000) } ?? ""
        self.values = (object["values"]?.array ?? []).prefix(20).compactMap { value in
            guard let name = (value["value"] ?? value).string.map(Words.trimmed), (1...80).contains(name.count) else {
                return nil
            }
            return Value(value: name, description: Words.excerpt(value["description"]?.string ?? ""))
        }
        self.goals.shortTerm = ReplyReader.texts(object["goals"]?["shortTerm"])
        self.goals.midTerm = ReplyReader.texts(object["goals"]?["midTerm"])
        self.goals.longTerm = ReplyReader.texts(object["goals"]?["longTerm"])
        self.communicationStyle.tone = ReplyReader.texts(object["communicationStyle"]?["tone"], limit: 40)
        self.communicationStyle.notes = ReplyReader.texts(object["communicationStyle"]?["notes"])
        for trait in Self.traits {
            guard let number = object["bigFive"]?[trait]?.double, (0...1).contains(number) else { continue }
            self.bigFive[trait] = number
        }
        self.background = ReplyReader.texts(object["background"])
        self.currentFocus = ReplyReader.texts(object["currentFocus"])
        self.relationships = (object["relationships"]?.array ?? []).prefix(20).compactMap { person in
            guard let name = person["name"]?.string, let relation = person["relation"]?.string,
                (1...80).contains(name.count), (1...80).contains(relation.count)
            else { return nil }
            return Relationship(name: name, relation: relation)
        }
    }
}
