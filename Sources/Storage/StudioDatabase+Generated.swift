import Foundation
import JSON
import Personas
import Studio

extension StudioDatabase: GeneratedPersonaStore {
    public func generatedPersona(_ id: PersonaID, of owner: String) async throws(StoreError) -> GeneratedPersona {
        let found = try await self.read { connection throws(DatabaseError) in
            try Self.generatedPersona(id, of: owner, connection)
        }
        guard let found else { throw .noPersona }
        return found
    }

    private static func generatedPersona(
        _ id: PersonaID, of owner: String, _ connection: Connection
    ) throws(DatabaseError) -> GeneratedPersona? {
        try connection.row(
            """
            SELECT g.document FROM generated_personas g JOIN personas p ON p.persona_id = g.persona_id
            WHERE g.persona_id = ? AND p.owner = ?
            """, [.text(id.rawValue), .text(owner)]
        ) { GeneratedPersona(id: id, members: JSONValue.column($0.text(0)).object ?? [:]) }
    }

    public func create(
        _ personas: [GeneratedPersona], of owner: String, at moment: Date
    ) async throws(StoreError) {
        try await self.write { connection throws(DatabaseError) in
            for persona in personas {
                try PersonaRow.insert(
                    PersonaRecord(persona, owner: owner, at: moment), scenario: nil, connection)
                try connection.run(
                    "INSERT INTO generated_personas(persona_id, document) VALUES (?, ?)", .text(persona.id.rawValue),
                    .text(persona.json.text))
            }
        }
    }

    public func replace(
        _ persona: GeneratedPersona, of owner: String, at moment: Date
    ) async throws(StoreError) {
        try await self.decide { connection throws(DatabaseError) -> Result<Void, StoreError> in
            guard try Self.generatedPersona(persona.id, of: owner, connection) != nil else {
                return .failure(.noPersona)
            }
            try Self.update(persona, of: owner, at: moment, connection)
            return .success(())
        }
    }

    public func save(
        _ prompt: WrittenPrompt, for modes: [GenerationMode], of id: PersonaID, owner: String, at moment: Date
    ) async throws(StoreError) -> GeneratedPersona {
        try await self.decide { connection throws(DatabaseError) in
            guard var persona = try Self.generatedPersona(id, of: owner, connection) else {
                return .failure(.noPersona)
            }
            persona.take(prompt, modes: modes, at: moment)
            try Self.update(persona, of: owner, at: moment, connection)
            return .success(persona)
        }
    }

    private static func update(
        _ persona: GeneratedPersona, of owner: String, at moment: Date, _ connection: Connection
    ) throws(DatabaseError) {
        try connection.run(
            "UPDATE generated_personas SET document = ? WHERE persona_id = ?", .text(persona.json.text),
            .text(persona.id.rawValue))
        var record = PersonaRecord(persona, owner: owner, at: moment)
        let config = try connection.row(
            "SELECT config FROM personas WHERE persona_id = ?", [.text(persona.id.rawValue)]
        ) { PersonaConfig(stored: JSONValue.column($0.text(0)).object ?? [:]) }
        if var config {
            config.take(generated: record.config)
            record.config = config
        }
        try PersonaRow.update(record, connection)
    }
}
