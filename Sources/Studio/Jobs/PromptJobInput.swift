import JSON

/// What a client asks of a job.
public struct PromptJobInput: Sendable, Equatable {
    public static let maxPersonas = 200
    public var templateID: String
    public var items: [PromptJob.Item]

    /// - Throws: `InvalidInput` with everything that is wrong.
    public init(_ members: [String: JSONValue]) throws(InvalidInput) {
        var violations: [Violation] = []
        let templateID = members["template_id"]?.text(orElse: nil)
        if templateID == nil { violations.append(Violation("template_id", "is required")) }
        let ids = Self.personas(members, &violations)
        let modes = Self.modes(members["mode_mapping"], ids, &violations)
        guard violations.isEmpty, let templateID else { throw InvalidInput(violations) }
        self.templateID = templateID
        let usual = Self.usualModes(members)
        self.items = ids.map { PromptJob.Item(personaID: $0, modes: modes[$0] ?? usual) }
    }

    /// Where nothing is said of a persona. A client that names one as `try_assess_persona_id` expects the expert's prompt
    /// along with it.
    private static func usualModes(_ members: [String: JSONValue]) -> [GenerationMode] {
        let isOlder = members["persona_ids"] == nil && members["try_assess_persona_id"] != nil
        return isOlder ? [.learn, .assess, .tryOut] : [.assess]
    }

    private static func personas(_ members: [String: JSONValue], _ violations: inout [Violation]) -> [String] {
        // One persona, as two earlier clients name it.
        let single = (members["try_assess_persona_id"] ?? members["persona_id"])?.text(orElse: nil)
            .map { JSONValue.array([.string($0)]) }
        guard let list = (members["persona_ids"] ?? single)?.array, !list.isEmpty else {
            violations.append(Violation("persona_ids", "must be an array of at least one id"))
            return []
        }
        var ids: [String] = []
        for item in list {
            guard let id = item.string, RecordID(id) != nil else {
                violations.append(Violation("persona_ids", "must hold ids of personas alone"))
                return []
            }
            if !ids.contains(id) { ids.append(id) }
        }
        if ids.count > self.maxPersonas {
            violations.append(Violation("persona_ids", "has \(ids.count) members, and \(self.maxPersonas) is the most"))
        }
        return ids
    }

    private static func modes(
        _ mapping: JSONValue?, _ ids: [String], _ violations: inout [Violation]
    ) -> [String: [GenerationMode]] {
        guard let mapping, !mapping.isNull else { return [:] }
        guard let members = mapping.object else {
            violations.append(Violation("mode_mapping", "must be an object from persona id to mode"))
            return [:]
        }
        var modes: [String: [GenerationMode]] = [:]
        for (id, value) in members.sorted(by: { $0.key < $1.key }) {
            let words = value.array ?? [value]
            let known = words.compactMap { $0.string.flatMap { GenerationMode(rawValue: $0) } }
            if !ids.contains(id) {
                violations.append(Violation("mode_mapping", "names \(id.prefix(60)), which persona_ids does not"))
            } else if known.isEmpty || known.count < words.count {
                violations.append(
                    Violation("mode_mapping", "must map to learn_mode, assess_mode or try_mode, or an array of them"))
            } else {
                modes[id] = known
            }
        }
        return modes
    }
}
