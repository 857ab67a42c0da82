import Foundation
import JSON
import Personas
import Studio

/// How a persona and how far a provider is with it stand in their tables, `p` and `r`.
enum PersonaRow {
    static let columns = """
        p.persona_id, p.owner, p.kind, p.config, p.version, p.created_at, p.updated_at, \(Self.stateColumns)
        """
    static let columnCount: Int32 = 17

    /// - Parameter first: the position of `columns` in the row.
    static func persona(_ row: borrowing Row, from first: Int32) throws(DatabaseError) -> PersonaRecord {
        guard let id = PersonaID(row.text(first)), let kind = PersonaKind(rawValue: row.text(first + 2)) else {
            throw DatabaseError(.corrupt, "a persona has the id \"\(row.text(first))\"")
        }
        let config = PersonaConfig(stored: JSONValue.column(row.text(first + 3)).object ?? [:])
        var persona = PersonaRecord(
            id: id, owner: row.text(first + 1), kind: kind, config: config, sync: self.state(row, from: first + 7),
            createdAt: Date(milliseconds: row.integer(first + 5)),
            updatedAt: Date(milliseconds: row.integer(first + 6)))
        persona.version = row.integer(first + 4)
        return persona
    }

    static let stateColumns = """
        r.status, r.error_code, r.error_text, r.last_status_at, r.status_source, r.remote_id, r.attempts,
        r.revision <> r.made, r.change_code, r.change_text
        """

    /// - Parameter first: the position of `stateColumns` in the row.
    static func state(_ row: borrowing Row, from first: Int32) -> SyncState? {
        guard let status = SyncStatus(rawValue: row.text(first)) else { return nil }
        let failure = row.optionalText(first + 2).map {
            SyncState.Failure(code: row.text(first + 1), message: $0)
        }
        var state = SyncState(
            stored: status, failure: failure, lastStatusAt: Date(milliseconds: row.integer(first + 3)),
            source: SyncState.Source(rawValue: row.text(first + 4)) ?? .derived,
            remoteID: row.optionalText(first + 5), attempts: row.integer(first + 6))
        guard status == .ready else { return state }
        if let text = row.optionalText(first + 9) {
            state.change = .failed(SyncState.Failure(code: row.text(first + 8), message: text))
        } else if row.integer(first + 7) != 0 {
            state.change = .pending
        }
        return state
    }

    static func insert(
        _ persona: PersonaRecord, scenario: RecordID?, _ connection: Connection
    ) throws(DatabaseError) {
        try connection.run(
            """
            INSERT INTO personas(persona_id, owner, kind, scenario_id, config, version, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(persona.id.rawValue), .text(persona.owner), .text(persona.kind.rawValue),
            .text(orNull: scenario?.rawValue), .text(JSONValue.object(persona.config.json).text),
            .integer(persona.version), .integer(persona.createdAt.milliseconds),
            .integer(persona.updatedAt.milliseconds))
    }

    static func update(_ persona: PersonaRecord, _ connection: Connection) throws(DatabaseError) {
        try connection.run(
            "UPDATE personas SET config = ?, version = version + 1, updated_at = ? WHERE persona_id = ?",
            .text(JSONValue.object(persona.config.json).text), .integer(persona.updatedAt.milliseconds),
            .text(persona.id.rawValue))
    }
}
