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
        // What was set elsewhere, such as tools, stays.
        let config = try connection.row(
            "SELECT config FROM personas WHERE persona_id = ?", [.text(persona.id.rawValue)]
        ) { PersonaConfig(stored: JSONValue.column($0.text(0)).object ?? [:]) }
        if var config {
            config.name = record.config.name
            config.systemPrompt = record.config.systemPrompt
            config.greeting = record.config.greeting
            record.config = config
        }
        try PersonaRow.update(record, connection)
    }
}

extension StudioDatabase: InteractionStore {
    private static let interactionColumns = "interaction_id, owner, mode, persona_id, system_prompt, body, created_at"

    private static func interaction(_ row: borrowing Row) throws(DatabaseError) -> AvatarInteraction {
        guard let id = RecordID(row.text(0)), let mode = GenerationMode(rawValue: row.text(2)) else {
            throw DatabaseError(.corrupt, "an interaction has the mode \"\(row.text(2))\"")
        }
        return AvatarInteraction(
            id: id, owner: row.text(1), mode: mode, personaID: row.optionalText(3).flatMap { PersonaID($0) },
            systemPrompt: row.optionalText(4), body: JSONValue.column(row.text(5)).object ?? [:],
            createdAt: Date(milliseconds: row.integer(6)))
    }

    public func interaction(_ id: RecordID, of owner: String) async throws(StoreError) -> AvatarInteraction {
        let found = try await self.read { connection throws(DatabaseError) in
            try connection.row(
                """
                SELECT \(Self.interactionColumns) FROM avatar_interactions WHERE interaction_id = ? AND owner = ?
                """, [.text(id.rawValue), .text(owner)]
            ) { row throws(DatabaseError) in try Self.interaction(row) }
        }
        guard let found else { throw .noInteraction }
        return found
    }

    public func interactions(
        of owner: String, _ window: PageWindow
    ) async throws(StoreError) -> Page<AvatarInteraction> {
        try await self.read { connection throws(DatabaseError) in
            let total = try connection.row(
                "SELECT count(*) FROM avatar_interactions WHERE owner = ?", [.text(owner)], { $0.integer(0) })
            let mark = window.after
            let rows = try connection.rows(
                """
                SELECT \(Self.interactionColumns) FROM avatar_interactions
                WHERE owner = ? AND (? IS NULL OR created_at < ? OR (created_at = ? AND interaction_id > ?))
                ORDER BY created_at DESC, interaction_id LIMIT ?
                """,
                [
                    .text(owner), .text(orNull: mark?.id), .integer(mark?.createdAt ?? 0),
                    .integer(mark?.createdAt ?? 0), .text(mark?.id ?? ""), .integer(window.count + 1),
                ]
            ) { row throws(DatabaseError) in try Self.interaction(row) }
            return Page(rows, total: total ?? 0, window) { PageMark($0.createdAt, $0.id.rawValue) }
        }
    }

    public func create(
        _ interaction: AvatarInteraction, answering answer: RememberedAnswer?
    ) async throws(StoreError) -> Creation {
        try await self.decide { connection throws(DatabaseError) in
            try Answers.once(answer, about: interaction.id.rawValue, on: connection) { () throws(DatabaseError) in
                try connection.run(
                    "INSERT INTO avatar_interactions(\(Self.interactionColumns)) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    .text(interaction.id.rawValue), .text(interaction.owner), .text(interaction.mode.rawValue),
                    .text(orNull: interaction.personaID?.rawValue), .text(orNull: interaction.systemPrompt),
                    .text(JSONValue.object(interaction.body).text), .integer(interaction.createdAt.milliseconds))
            }
        }
    }

    public func replace(_ interaction: AvatarInteraction) async throws(StoreError) {
        try await self.decide { connection throws(DatabaseError) -> Result<Void, StoreError> in
            let count = try connection.run(
                """
                UPDATE avatar_interactions SET mode = ?, persona_id = ?, system_prompt = ?, body = ?
                WHERE interaction_id = ? AND owner = ?
                """,
                .text(interaction.mode.rawValue), .text(orNull: interaction.personaID?.rawValue),
                .text(orNull: interaction.systemPrompt), .text(JSONValue.object(interaction.body).text),
                .text(interaction.id.rawValue), .text(interaction.owner))
            return count == 1 ? .success(()) : .failure(.noInteraction)
        }
    }

    public func deleteInteraction(_ id: RecordID, of owner: String) async throws(StoreError) {
        try await self.decide { connection throws(DatabaseError) -> Result<Void, StoreError> in
            let count = try connection.run(
                "DELETE FROM avatar_interactions WHERE interaction_id = ? AND owner = ?", .text(id.rawValue),
                .text(owner))
            guard count == 1 else { return .failure(.noInteraction) }
            try Answers.forget(about: id.rawValue, connection)
            return .success(())
        }
    }
}

extension StoreError {
    fileprivate static let noInteraction = StoreError(.notFound, "there is no such interaction of that owner")
}
