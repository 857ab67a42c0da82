import Foundation
import JSON
import Personas
import Studio

extension StudioDatabase: InteractionStore {
    private static let interactions = OwnedTable(
        name: "avatar_interactions", id: "interaction_id",
        columns: "interaction_id, owner, mode, persona_id, system_prompt, body, created_at")

    private static func interaction(_ row: borrowing Row) throws(DatabaseError) -> AvatarInteraction {
        guard let id = RecordID(row.text(0)), let mode = GenerationMode(rawValue: row.text(2)) else {
            throw DatabaseError(.corrupt, "an interaction has the mode \"\(row.text(2))\"")
        }
        return AvatarInteraction(
            id: id, owner: row.text(1), mode: mode, personaID: row.optionalText(3).flatMap { PersonaID($0) },
            systemPrompt: row.optionalText(4), body: JSONValue.column(row.text(5)).object ?? [:],
            createdAt: Date(milliseconds: row.integer(6)))
    }

    public func interaction(_ id: RecordID, of owner: String?) async throws(StoreError) -> AvatarInteraction {
        let found = try await self.read { connection throws(DatabaseError) in
            try Self.interactions.row(id, of: owner, connection, Self.interaction)
        }
        guard let found else { throw .noInteraction }
        return found
    }

    public func interactions(
        of owner: String, _ window: PageWindow
    ) async throws(StoreError) -> Page<AvatarInteraction> {
        try await self.read { connection throws(DatabaseError) in
            try Self.interactions.page(of: owner, window, connection, Self.interaction) {
                PageMark($0.createdAt, $0.id.rawValue)
            }
        }
    }

    public func create(
        _ interaction: AvatarInteraction, answering answer: RememberedAnswer?
    ) async throws(StoreError) -> Creation {
        try await self.decide { connection throws(DatabaseError) in
            try Answers.once(answer, about: interaction.id.rawValue, on: connection) { () throws(DatabaseError) in
                try Self.interactions.insert(
                    [
                        .text(interaction.id.rawValue), .text(interaction.owner), .text(interaction.mode.rawValue),
                        .text(orNull: interaction.personaID?.rawValue), .text(orNull: interaction.systemPrompt),
                        .text(JSONValue.object(interaction.body).text), .integer(interaction.createdAt.milliseconds),
                    ], connection)
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
            try Self.interactions.delete(id, of: owner, connection) ? .success(()) : .failure(.noInteraction)
        }
    }
}

extension StoreError {
    fileprivate static let noInteraction = StoreError(.notFound, "there is no such interaction of that owner")
}
