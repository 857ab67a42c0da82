import Interviews
import JSON
import Personas

/// The user's own persona, made of what they applied, as somebody to talk to.
enum SelfPersona {
    static let id = "self"
    /// Without what the user's core says of them.
    static let plainMode = "plain"
    // A summary that costs the first word less than a tenth of a second.
    private static let maxLines = 40

    /// nil where the user has no core.
    static func read(_ service: InterviewService, _ user: String) async throws(InterviewError) -> Persona? {
        let core = try await service.core(user)
        return core.exists ? self.persona(core.json) : nil
    }

    static func persona(_ core: JSONValue) -> Persona? {
        guard let id = PersonaID(self.id), let language = Language(authored: core["language"]?.string ?? "en-IN") else {
            return nil
        }
        let name = (core["identity"]?["name"] ?? core["name"])?.string ?? "You"
        let plain = """
            You are a mirror for the person who speaks with you: you speak as they would, in the first person, plainly and \
            briefly, and you ask them back what they think. You claim nothing about them that they did not say.
            """
        let lines = self.lines(core)
        let summary = lines.isEmpty ? "" : "\n\nWhat they said of themselves:\n" + lines.joined(separator: "\n")
        var persona = Persona(
            id: id, kind: .`self`, name: String(name.prefix(200)), field: "Yourself", language: language,
            systemPrompt: plain + summary)
        persona.modes = [self.plainMode: Persona.Mode(systemPrompt: plain, greeting: nil)]
        return persona
    }

    private static func lines(_ core: JSONValue) -> [String] {
        var lines = (core["values"]?["core"]?.array ?? []).compactMap { value in
            (value["value"] ?? value).string.map { name in
                let why = value["description"]?.string ?? ""
                return "- values \(name)\(why.isEmpty ? "" : ": \(why)")"
            }
        }
        for (key, word) in [("shortTerm", "soon"), ("midTerm", "in time"), ("longTerm", "one day")] {
            lines += (core["goals"]?[key]?.array ?? []).compactMap { goal in
                (goal["goal"] ?? goal).string.map { "- wants, \(word): \($0)" }
            }
        }
        let style = core["personality"]?["communicationStyle"]
        let tone = (style?["tone"]?.array ?? []).compactMap(\.string)
        if !tone.isEmpty { lines.append("- tone: \(tone.joined(separator: ", "))") }
        lines += (style?["notes"]?.array ?? []).compactMap { $0.string.map { "- on talking: \($0)" } }
        return lines.prefix(self.maxLines).map { String($0.replacing("\n", with: " ").prefix(400)) }
    }
}
