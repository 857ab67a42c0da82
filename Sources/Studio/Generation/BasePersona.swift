import JSON

/// What a template itself says of a person.
struct BasePersona: Sendable, Equatable {
    var name: String
    var age: Int
    var gender: String
    var role: String
    var personaType: String
    var description: String
    var location: PersonaLocation
    /// The template's definition as it stands.
    var definition: [String: JSONValue]

    /// - Parameter country: where people live whose template does not say.
    init(_ facts: ScenarioFacts, _ request: GenerationRequest, country: String) {
        let definition = facts.definition(request.mode)
        let role = definition["role"]?.text(orElse: nil)
        self.definition = definition
        self.role = role ?? "Person"
        self.personaType =
            request.personaType ?? definition["persona_type"]?.text(orElse: nil) ?? role ?? "Character"
        self.name = definition["name"]?.text(orElse: nil) ?? "Character"
        self.age = definition["age"]?.integer ?? Int(definition["age"]?.string ?? "") ?? 35
        self.gender = request.gender ?? definition["gender"]?.text(orElse: nil) ?? "Female"
        self.description = definition["description"]?.text(orElse: nil) ?? ""
        self.location = PersonaLocation(definition: definition, country: country)
        if let variation = request.variation, variation != 0 { self.vary(variation) }
    }

    /// Another person in the same place: as many as there are pairs of names before one comes again.
    private mutating func vary(_ variation: Int) {
        let index = Int(variation.magnitude % UInt(Names.pairs))
        self.name = Names.full(self.gender, index)
        self.age = min(90, max(18, self.age + (index * 7) % 13 - 6))
    }
}

/// Names for people who are one of several.
enum Names {
    private static let women = [
        "Ananya", "Kavita", "Meera", "Sunita", "Farah", "Lakshmi", "Ritu", "Nisha", "Deepa", "Shalini", "Grace",
        "Pooja", "Harpreet",
    ]
    private static let men = [
        "Arjun", "Rakesh", "Imran", "Suresh", "Vikram", "Joseph", "Manoj", "Nikhil", "Gurpreet", "Anil", "Karthik",
        "Sanjay", "Rahul",
    ]
    private static let families = [
        "Sharma", "Nair", "Khan", "Patel", "Reddy", "Das", "Joshi", "Singh", "Iyer", "Mehta", "D'Souza",
    ]

    static let pairs = 13 * 11

    /// Thirteen and eleven share no divisor: every index up to their product is another pair.
    static func full(_ gender: String, _ index: Int) -> String {
        let firsts = gender.lowercased().hasPrefix("m") ? self.men : self.women
        return "\(firsts[index % firsts.count]) \(self.families[index % self.families.count])"
    }
}
