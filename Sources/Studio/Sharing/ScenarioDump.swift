import Foundation
import JSON

/// Scenarios as an app kept them by itself: an array, or an object with an array named `scenarios`.
public struct ScenarioDump: Sendable {
    /// Why an entry is not taken.
    public struct Rejection: Sendable, Equatable {
        /// From 0.
        public var index: Int
        public var violations: [Violation]
    }

    public private(set) var scenarios: [Scenario] = []
    public private(set) var rejected: [Rejection] = []

    /// Entries keep their ids and times, so that the same dump can be taken twice; tags and persona that an older app did
    /// not have are filled in.
    ///
    /// - Throws: `JSONError` for a text that holds no such array.
    public init(_ text: [UInt8], owner: String, now: Date) throws(JSONError) {
        let document = try JSONValue(strictly: text)
        guard let entries = document.array ?? document["scenarios"]?.array else {
            throw JSONError("neither an array of scenarios nor an object with one")
        }
        for (index, entry) in entries.enumerated() {
            do throws(InvalidInput) {
                self.scenarios.append(try Self.scenario(entry.object ?? [:], owner: owner, now: now))
            } catch {
                self.rejected.append(Rejection(index: index, violations: error.violations))
            }
        }
    }

    private static func scenario(
        _ members: [String: JSONValue], owner: String, now: Date
    ) throws(InvalidInput) -> Scenario {
        guard let id = members["id"]?.string.flatMap({ RecordID($0) }) else {
            throw InvalidInput([Violation("id", "must be 1 to 128 letters, digits and . _ : -")])
        }
        var members = members
        if var persona = members["persona"]?.object, persona["pipelineMode"] != "echo" {
            let prompt = persona["systemPrompt"] ?? persona["system_prompt"]
            if prompt?.string?.isBlank ?? true {
                persona["systemPrompt"] = PersonaConfig.standard.systemPrompt.map { .string($0) }
                members["persona"] = .object(persona)
            }
        }
        let input = try ScenarioInput(members)
        let createdAt = self.date(members["createdAt"]) ?? now
        let updatedAt = self.date(members["updatedAt"]) ?? createdAt
        let persona = PersonaRecord(
            id: PersonaRecord.newID(), owner: owner, kind: .scenario, config: input.persona ?? .standard,
            createdAt: createdAt, updatedAt: updatedAt)
        return Scenario(
            id: id, owner: owner, details: input.details, persona: persona, createdAt: createdAt, updatedAt: updatedAt)
    }

    /// Of RFC 3339; one without a zone is UTC.
    private static func date(_ value: JSONValue?) -> Date? {
        guard let text = value?.string else { return nil }
        let styles = [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
        return [text, text + "Z"].lazy.flatMap { text in styles.compactMap { try? Date(text, strategy: $0) } }.first
    }
}
