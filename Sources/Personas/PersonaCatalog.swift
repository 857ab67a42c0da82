import Foundation

/// All personas at one moment. Immutable: whoever holds it is not disturbed by a reload.
public struct PersonaCatalog: Sendable {
    /// In the order of the files.
    public let personas: [Persona]
    public let conventions: PersonaConventions
    private let indexes: [PersonaID: Int]
    private let aliases: [String: PersonaID]

    init(personas: [Persona], aliases: [String: PersonaID], conventions: PersonaConventions) {
        self.personas = personas
        self.aliases = aliases
        self.conventions = conventions
        self.indexes = Dictionary(personas.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public static let empty = PersonaCatalog(personas: [], aliases: [:], conventions: PersonaConventions())

    /// Finds a persona by its id or by another name that `aliases.json` gives it.
    public subscript(name: String) -> Persona? {
        let id = PersonaID(name)
        return id.flatMap { self.indexes[$0] }.map { self.personas[$0] }
            ?? self.aliases[name].flatMap { self.indexes[$0] }.map { self.personas[$0] }
    }

    /// A persona that may be talked to at a moment.
    ///
    /// - Parameter moment: nil where opening hours do not count.
    public func choose(_ name: String, at moment: Date?) throws(PersonaRefusalReason) -> Persona {
        guard let persona = self[name] else { throw .notFound }
        guard persona.isActive else { throw .inactive }
        if let moment, case .closed(let opensAt)? = persona.availability?.status(at: moment) {
            throw .closed(opensAt: opensAt)
        }
        return persona
    }

    public func compile(_ persona: Persona, mode: String? = nil) -> CompiledPersona {
        persona.compiled(mode: mode, self.conventions)
    }
}

/// Why nobody can talk to a persona now.
public enum PersonaRefusalReason: Error, Sendable, Equatable {
    case notFound
    case inactive
    case closed(opensAt: Date)
}
