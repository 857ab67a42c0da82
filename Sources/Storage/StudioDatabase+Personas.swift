import Foundation
import JSON
import Personas
import Studio

extension StudioDatabase: PersonaRecordStore {
    private static let personaTables = "personas p LEFT JOIN provider_personas r ON r.local_id = p.persona_id"

    public func persona(_ id: PersonaID, of owner: String?) async throws(StoreError) -> StoredPersona {
        try await self.persona("p.persona_id = ?", id.rawValue, of: owner)
    }

    public func persona(ofScenario id: RecordID, of owner: String?) async throws(StoreError) -> StoredPersona {
        try await self.persona("p.scenario_id = ?", id.rawValue, of: owner)
    }

    private func persona(
        _ condition: String, _ id: String, of owner: String?
    ) async throws(StoreError) -> StoredPersona {
        let found = try await self.read { connection throws(DatabaseError) in
            try connection.row(
                """
                SELECT \(PersonaRow.columns), s.scenario_id, s.title, s.description, s.category, s.duration_min,
                    s.difficulty, s.tags, s.image_url
                FROM \(Self.personaTables) LEFT JOIN scenarios s ON s.scenario_id = p.scenario_id
                WHERE \(condition) AND (? IS NULL OR p.owner = ?)
                """, [.text(id), .text(orNull: owner), .text(orNull: owner)]
            ) { row throws(DatabaseError) in
                StoredPersona(
                    record: try PersonaRow.persona(row, from: 0),
                    scenario: Self.details(row, from: PersonaRow.columnCount),
                    scenarioID: RecordID(row.text(PersonaRow.columnCount)))
            }
        }
        guard let found else { throw .noPersona }
        return found
    }

    private static func details(_ row: borrowing Row, from first: Int32) -> ScenarioDetails? {
        guard let category = Studio.Category(rawValue: row.text(first + 3)) else { return nil }
        return ScenarioDetails(
            title: row.text(first + 1), description: row.text(first + 2), category: category,
            duration: row.integer(first + 4), difficulty: row.optionalText(first + 5).flatMap(Difficulty.init),
            tags: (JSONValue.column(row.text(first + 6)).array ?? []).compactMap(\.string),
            imageURL: row.optionalText(first + 7))
    }

    public func personas(of owner: String, _ window: PageWindow) async throws(StoreError) -> Page<PersonaRecord> {
        try await self.read { connection throws(DatabaseError) in
            let condition = "p.owner = ? AND p.scenario_id IS NULL"
            let total = try connection.row(
                "SELECT count(*) FROM personas p WHERE \(condition)", [.text(owner)], { $0.integer(0) })
            let place = window.place("p.created_at", "p.persona_id")
            let rows = try connection.rows(
                """
                SELECT \(PersonaRow.columns) FROM \(Self.personaTables) WHERE \(condition)\(place.condition)
                ORDER BY p.created_at DESC, p.persona_id LIMIT ?
                """, [.text(owner)] + place.values + [.integer(window.count + 1)]
            ) { row throws(DatabaseError) in try PersonaRow.persona(row, from: 0) }
            return Page(rows, total: total ?? 0, window) { PageMark($0.createdAt, $0.id.rawValue) }
        }
    }

    public func create(
        _ persona: PersonaRecord, queueing order: ProviderOrder?, answering answer: RememberedAnswer?
    ) async throws(StoreError) -> Creation {
        try await self.decide { connection throws(DatabaseError) in
            let refusal = try Self.refusal(order, connection)
            return try Answers.once(answer, about: persona.id.rawValue, unless: refusal, on: connection) {
                () throws(DatabaseError) in
                try PersonaRow.insert(persona, scenario: nil, connection)
                try Self.begin(order, connection)
            }
        }
    }

    public func replaceConfig(
        of persona: PersonaRecord, queueing order: ProviderOrder?, version: Int?, answering answer: RememberedAnswer?
    ) async throws(StoreError) -> Creation {
        try await self.decide { connection throws(DatabaseError) in
            let present = try connection.row(
                "SELECT version FROM personas WHERE persona_id = ? AND owner = ?",
                [.text(persona.id.rawValue), .text(persona.owner)]
            ) { $0.integer(0) }
            guard let present else { return .failure(.noPersona) }
            guard version == nil || version == present else { return .failure(.changed) }
            let refusal = try Self.refusal(order, connection)
            return try Answers.once(answer, about: persona.id.rawValue, unless: refusal, on: connection) {
                () throws(DatabaseError) in
                try Self.take(order, connection)
                try PersonaRow.update(persona, connection)
                // What its scenario shows has changed as well.
                try connection.run(
                    """
                    UPDATE scenarios SET version = version + 1, updated_at = ?
                    WHERE scenario_id = (SELECT scenario_id FROM personas WHERE persona_id = ?)
                    """, .integer(persona.updatedAt.milliseconds), .text(persona.id.rawValue))
            }
        }
    }

    public func deletePersona(_ id: PersonaID, of owner: String) async throws(StoreError) {
        try await self.decide { connection throws(DatabaseError) -> Result<Void, StoreError> in
            let isThere = try connection.row(
                "SELECT 1 FROM personas WHERE persona_id = ? AND owner = ? AND scenario_id IS NULL",
                [.text(id.rawValue), .text(owner)]
            ) { _ in true }
            guard isThere == true else { return .failure(.noPersona) }
            try Answers.forget(about: id.rawValue, connection)
            try Self.release("persona_id = ?", id.rawValue, connection)
            try connection.run("DELETE FROM personas WHERE persona_id = ?", .text(id.rawValue))
            return .success(())
        }
    }
}
