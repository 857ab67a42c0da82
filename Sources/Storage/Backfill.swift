import JSON
import Personas
import Studio

/// Gives scenarios that were kept before there were tags and personas both.
enum Backfill {
    static func run(on connection: Connection) throws(DatabaseError) -> Int {
        let bare = try connection.rows(
            """
            SELECT scenario_id, owner, title, description, coalesce(tags, '[]'), created_at, updated_at FROM scenarios
            WHERE tags IS NULL OR search IS NULL
            """
        ) { row in
            (
                id: row.text(0), owner: row.text(1), words: row.text(2) + "\n" + row.text(3), tags: row.text(4),
                createdAt: row.integer(5), updatedAt: row.integer(6)
            )
        }
        for scenario in bare {
            try connection.run(
                "UPDATE scenarios SET tags = ?, search = ? WHERE scenario_id = ?", .text(scenario.tags),
                .text(scenario.words.lowercased()), .text(scenario.id))
            // Where a persona is there already, it stays.
            try connection.run(
                """
                INSERT INTO personas(persona_id, owner, kind, scenario_id, config, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(scenario_id) DO NOTHING
                """,
                .text(PersonaRecord.newID().rawValue), .text(scenario.owner), .text(PersonaKind.scenario.rawValue),
                .text(scenario.id), .text(JSONValue.object(PersonaConfig.standard.json).text),
                .integer(scenario.createdAt),
                .integer(scenario.updatedAt))
        }
        return bare.count
    }
}
