import Foundation

/// One step forward of the database's tables. Steps are never changed once they are released, and never undone.
public struct Migration: Sendable {
    /// 1 for the first, without gaps.
    let version: Int
    let name: String
    let script: String

    init(_ version: Int, _ name: String, _ script: String) {
        self.version = version
        self.name = name
        self.script = script
    }

    /// Makes the steps that are missing, all or none. Two processes that start at once make each step once.
    static func bring(_ connection: Connection, to migrations: [Migration]) throws(DatabaseError) {
        try connection.execute("BEGIN IMMEDIATE")
        do throws(DatabaseError) {
            try self.apply(migrations, on: connection)
            try connection.execute("COMMIT")
        } catch {
            if !connection.isOutsideTransaction { try? connection.execute("ROLLBACK") }
            throw error
        }
    }

    private static func apply(_ migrations: [Migration], on connection: Connection) throws(DatabaseError) {
        try connection.execute(
            """
            CREATE TABLE IF NOT EXISTS schema_version(
                version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT
            """)
        let present = try connection.row("SELECT coalesce(max(version), 0) FROM schema_version") { $0.integer(0) } ?? 0
        guard present <= migrations.count else {
            throw DatabaseError(
                .tooNew,
                "the database has version \(present) and this program knows \(migrations.count): use the later one")
        }
        for (index, migration) in migrations.enumerated() where index >= present {
            precondition(migration.version == index + 1, "migrations have to be numbered without gaps")
            try connection.execute(migration.script)
            try connection.run(
                "INSERT INTO schema_version(version, name, applied_at) VALUES (?, ?, ?)",
                .integer(migration.version), .text(migration.name), .integer(Date.now.milliseconds))
        }
    }
}
