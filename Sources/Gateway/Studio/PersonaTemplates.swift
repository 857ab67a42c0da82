import JSON
import Personas
import Studio

/// Scenarios to begin with: those that come with the product, as its persona files have them.
struct PersonaTemplates: Sendable {
    struct Template: Sendable {
        let id: String
        /// What a client could have sent.
        let members: [String: JSONValue]

        var json: JSONValue { .object(self.members.merging(["template_id": .string(self.id)]) { $1 }) }
    }

    let catalog: @Sendable () -> PersonaCatalog

    /// In the order of the catalogue.
    var all: [Template] {
        self.catalog().personas.filter { $0.kind == .scenario && $0.isActive }.compactMap { Template($0) }
    }

    /// What a client sent, over the template that it names.
    ///
    /// - Throws: `InvalidInput` for a template that there is not.
    func fill(_ members: [String: JSONValue]) throws(InvalidInput) -> [String: JSONValue] {
        guard let name = members["template_id"], !name.isNull else { return members }
        guard let template = self.all.first(where: { .string($0.id) == name }) else {
            throw InvalidInput([Violation("template_id", "names no template; GET /api/persona-templates lists them")])
        }
        return PersonaLayers.merge(members, over: template.members)
    }
}

extension PersonaTemplates.Template {
    /// nil for a persona that does not say what a scenario has to.
    init?(_ persona: Persona) {
        var members: [String: JSONValue] = ["title": .string(persona.field)]
        for key in ["description", "category", "duration", "difficulty", "tags"] {
            members[key] = persona.document[key]
        }
        let situation = ["setting", "trainee_role"].compactMap { persona.document[$0]?.string }
        var author: [String: JSONValue] = [
            "personaName": .string(persona.name), "systemPrompt": .string(persona.systemPrompt),
            "language": .string(persona.language.name), "context": .string(situation.joined(separator: "\n")),
        ]
        author["greeting"] = persona.greeting.map { .string($0) }
        members["persona"] = .object(author)
        guard (try? ScenarioInput(members)) != nil else { return nil }
        self.init(id: persona.id.rawValue, members: members)
    }
}
