import Foundation
import Personas
import Studio

// What is asked of the line by those who do not work on it.
extension StudioDatabase {
    public func job(_ id: String, of owner: String?) async throws(StoreError) -> ProviderJob? {
        try await self.read { connection throws(DatabaseError) in
            try connection.row(
                """
                SELECT \(Self.providerColumns) FROM provider_personas r
                WHERE (r.local_id = ? OR r.remote_id = ?) AND (? IS NULL OR r.owner = ?) ORDER BY r.local_id = ? DESC
                """, [.text(id), .text(id), .text(orNull: owner), .text(orNull: owner), .text(id)], Self.job)
        }
    }

    public func retry(_ id: PersonaID, of owner: String, now: Date) async throws(StoreError) -> Bool {
        try await self.write { connection throws(DatabaseError) in
            try connection.run(
                """
                UPDATE provider_personas SET status = iif(status = 'error', 'queued', status), attempts = 0, due_at = ?,
                    last_status_at = iif(status = 'error', ?, last_status_at), error_code = NULL, error_text = NULL,
                    change_code = NULL, change_text = NULL
                WHERE local_id = ? AND owner = ? AND (status = 'error' OR change_code IS NOT NULL)
                """, .integer(now.milliseconds), .integer(now.milliseconds), .text(id.rawValue), .text(owner)) == 1
        }
    }

    @discardableResult
    public func nudge(of owner: String, now: Date) async throws(StoreError) -> Int {
        try await self.write { connection throws(DatabaseError) in
            try connection.run(
                """
                UPDATE provider_personas AS r SET due_at = iif(\(Self.mayAppear), due_at, min(due_at, ?))
                WHERE owner = ? AND \(Self.waits)
                """, .integer(now.milliseconds), .text(owner))
        }
    }

    /// It was sent, and nobody knows what became of it: looked for too early, it would be made twice.
    static let mayAppear = "(remote_id IS NULL AND made > 0)"

    public func figures() async throws(StoreError) -> ProviderFigures {
        try await self.read { connection throws(DatabaseError) in
            let counts = try connection.row(
                """
                SELECT count(*) FILTER (WHERE wish = 'present' AND status = 'queued'),
                    count(*) FILTER (WHERE wish = 'present' AND status = 'processing'),
                    count(*) FILTER (WHERE status = 'error'),
                    count(*) FILTER (WHERE \(Self.waits) AND (wish = 'absent' OR status = 'ready')),
                    min(last_status_at) FILTER (WHERE status IN ('queued', 'processing'))
                FROM provider_personas r
                """, []
            ) { row in
                var figures = ProviderFigures()
                figures.queued = row.integer(0)
                figures.processing = row.integer(1)
                figures.failed = row.integer(2)
                figures.changes = row.integer(3)
                figures.oldest = row.optionalInteger(4).map { Date(milliseconds: $0) }
                return figures
            }
            return counts ?? ProviderFigures()
        }
    }
}
