import JSON

/// Where a persona lives, and where it is now.
public struct PersonaLocation: Sendable, Equatable {
    public var city: String
    public var state: String
    public var country: String
    public var currentPhysicalLocation: String
    public var locationType: String
    /// Further members as the template has them, such as `specific_area`.
    public var details: [String: JSONValue]

    private static let ownKeys = ["city", "state", "country", "current_physical_location", "location_type"]
    private static let textKeys = [
        "region", "specific_area", "pincode", "neighborhood_type", "accessibility", "regional_culture",
    ]
    private static let listKeys = [
        "location_characteristics", "nearby_landmarks", "languages_spoken", "local_customs",
    ]

    /// - Parameter country: of a place whose country nobody names.
    init(definition: [String: JSONValue], country: String) {
        let place = definition["location"]?.object ?? [:]
        let written =
            definition["location"]?.text(orElse: nil) ?? place["city"]?.text(orElse: nil) ?? "Mumbai, Maharashtra"
        let parts = written.split(separator: ",", omittingEmptySubsequences: true).map(\.trimmed).filter { !$0.isEmpty }
        self.city = parts.first ?? "Mumbai"
        self.state =
            place["state"]?.text(orElse: nil)
            ?? (parts.count > 1 ? parts[1] : self.city == "Mumbai" ? "Maharashtra" : "")
        self.country = place["country"]?.text(orElse: nil) ?? country
        self.currentPhysicalLocation =
            place["current_physical_location"]?.text(orElse: nil)
            ?? definition["current_situation"]?.text(orElse: nil) ?? "At location"
        self.locationType =
            place["location_type"]?.text(orElse: nil) ?? definition["context"]?.text(orElse: nil) ?? "General"
        self.details = place.filter { !Self.ownKeys.contains($0.key) }
    }

    /// With every member of the model, those that nobody filled empty.
    var json: JSONValue {
        var members = self.details
        for key in Self.textKeys where members[key] == nil { members[key] = "" }
        for key in Self.listKeys where members[key] == nil {
            members[key] = key == "languages_spoken" ? ["English", "Hindi"] : []
        }
        members["city"] = .string(self.city)
        members["state"] = .string(self.state)
        members["country"] = .string(self.country)
        members["current_physical_location"] = .string(self.currentPhysicalLocation)
        members["location_type"] = .string(self.locationType)
        return .object(members)
    }
}

extension StringProtocol {
    /// Without whitespace at either end.
    var trimmed: String {
        let isSpace = { (character: Character) in character.isWhitespace }
        let rest = self.drop(while: isSpace)
        guard let last = rest.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(rest[...last])
    }
}
