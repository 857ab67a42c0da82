import JSON
import Personas

// How personas look from outside. None of these carries the prompt, except the whole document.
extension Persona {
    /// One line of a list of all kinds.
    var listEntry: JSONValue {
        .object([
            "id": .string(self.id.rawValue), "kind": .string(self.kind.rawValue), "name": .string(self.name),
            "field": .string(self.field), "language": .string(self.language.name),
            "language_tag": .string(self.language.tag), "gender": self.gender.map { .string($0.rawValue) } ?? .null,
            "voice_id": self.voiceID.map { .string($0) } ?? .null, "description": .string(self.card),
            "status": .string(self.status), "pricing": self.pricing?.json ?? .null,
        ])
    }

    /// The author's own entry with every key, and what it was read as.
    var fullDocument: JSONValue {
        .object(
            self.document.merging(
                ["id": .string(self.id.rawValue), "kind": .string(self.kind.rawValue)], uniquingKeysWith: { $1 }))
    }

    /// A card of the apps' lists. What an author may add beside (rating, image …) goes through as it is.
    var astrologerCard: JSONValue { .object(self.astrologerCardMembers) }

    private var astrologerCardMembers: [String: JSONValue] {
        var card: [String: JSONValue] = [
            "id": .string(self.id.rawValue), "name": .string(self.name), "category": .string(self.field),
            "speciality": .string(self.field), "language": .string(self.language.name),
            "isOnline": .bool(self.isActive), "description": .string(self.card), "status": .string(self.status),
        ]
        for key in ["rating", "reviews", "experience", "image"] { card[key] = self.document[key] ?? .null }
        card["languages"] = [.string(self.language.name)]
        card["gender"] = self.gender.map { .string($0.rawValue) } ?? .null
        card["price_per_minute"] = self.pricing.map { .number($0.perMinute) } ?? .null
        card["pricing"] = self.pricing?.json ?? .null
        return card
    }

    var astrologerDetail: [String: JSONValue] {
        var detail = self.astrologerCardMembers
        detail["astrologer_id"] = .string(self.id.rawValue)
        detail["display_name"] = .string(self.name)
        detail["voice_id"] = self.voiceID.map { .string($0) } ?? .null
        detail["persona"] = .string(self.card)
        detail["greeting"] = self.greeting.map { .string($0) } ?? .null
        detail["expertise_keywords"] = .array(self.keywords.map { .string($0) })
        detail["tone"] = .string(self.tone)
        return detail
    }
}

extension Persona.Pricing {
    var json: JSONValue { ["per_minute": .number(self.perMinute), "currency": .string(self.currency)] }
}
