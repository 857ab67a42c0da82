import Foundation
import JSON
import Personas
import Studio

extension StudioDatabase: ProviderQueue {
    private static let jobColumns = """
        r.local_id, r.owner, r.provider, r.wish, r.payload, r.marker, r.due_at, \(PersonaRow.stateColumns)
        """

    public func enqueue(_ job: ProviderJob) async throws(StoreError) {
        try await self.write { connection throws(DatabaseError) in try Self.insert(job, connection) }
    }

    static func insert(_ job: ProviderJob, _ connection: Connection) throws(DatabaseError) {
        try connection.run(
            """
            INSERT INTO provider_personas(local_id, owner, provider, wish, payload, marker, remote_id, status,
                status_source, attempts, due_at, last_status_at, error_code, error_text)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(job.personaID.rawValue), .text(job.owner), .text(job.provider), .text(job.wish.rawValue),
            .text(job.payload.text), .text(job.marker), .text(orNull: job.state.remoteID),
            .text(job.state.status.rawValue), .text(job.state.source.rawValue), .integer(job.state.attempts),
            .integer(job.dueAt.milliseconds), .integer(job.state.lastStatusAt.milliseconds),
            .text(orNull: job.state.failure?.code), .text(orNull: job.state.failure?.message))
    }

    /// The persona is gone here: it should be gone at the provider too, unless that has certainly never heard of it.
    ///
    /// - Parameter condition: says with one value which personas are meant.
    static func release(_ condition: String, _ value: String, _ connection: Connection) throws(DatabaseError) {
        let now = Date.now.milliseconds
        try connection.run(
            """
            DELETE FROM provider_personas WHERE local_id IN (SELECT persona_id FROM personas WHERE \(condition))
                AND remote_id IS NULL AND attempts = 0 AND held_until <= ?
            """, .text(value), .integer(now))
        try connection.run(
            """
            UPDATE provider_personas SET wish = 'absent', status = 'queued', attempts = 0, due_at = ?,
                last_status_at = ?, error_code = NULL, error_text = NULL
            WHERE local_id IN (SELECT persona_id FROM personas WHERE \(condition))
            """, .integer(now), .integer(now), .text(value))
    }

    public func claim(by holder: String, now: Date, until expiry: Date) async throws(StoreError) -> ProviderJob? {
        try await self.write { connection throws(DatabaseError) in
            let job = try connection.row(
                """
                SELECT \(Self.jobColumns) FROM provider_personas r
                WHERE r.status IN ('queued', 'processing') AND r.due_at <= ? AND r.held_until <= ?
                ORDER BY r.place LIMIT 1
                """, [.integer(now.milliseconds), .integer(now.milliseconds)], Self.job)
            guard let job else { return nil }
            try connection.run(
                "UPDATE provider_personas SET holder = ?, held_until = ? WHERE local_id = ?", .text(holder),
                .integer(expiry.milliseconds), .text(job.personaID.rawValue))
            return job
        }
    }

    public func settle(
        _ job: ProviderJob, by holder: String, isDone: Bool
    ) async throws(StoreError) -> Bool {
        try await self.write { connection throws(DatabaseError) in
            let present = try connection.row(
                "SELECT status FROM provider_personas WHERE local_id = ? AND holder = ? AND wish = ?",
                [.text(job.personaID.rawValue), .text(holder), .text(job.wish.rawValue)]
            ) { SyncStatus(rawValue: $0.text(0)) }
            guard case let status?? = present, status.mayBecome(job.state.status) else { return false }
            return try connection.run(
                """
                UPDATE provider_personas SET status = ?, status_source = ?, attempts = ?, due_at = ?, payload = ?,
                    last_status_at = ?, error_code = ?, error_text = ?, remote_id = ?,
                    holder = iif(?, NULL, holder), held_until = iif(?, 0, held_until)
                WHERE local_id = ?
                """,
                .text(job.state.status.rawValue), .text(job.state.source.rawValue), .integer(job.state.attempts),
                .integer(job.dueAt.milliseconds), .text(job.payload.text),
                .integer(job.state.lastStatusAt.milliseconds), .text(orNull: job.state.failure?.code),
                .text(orNull: job.state.failure?.message), .text(orNull: job.state.remoteID),
                .integer(isDone ? 1 : 0), .integer(isDone ? 1 : 0), .text(job.personaID.rawValue)) == 1
        }
    }

    public func job(_ id: String, of owner: String?) async throws(StoreError) -> ProviderJob? {
        try await self.read { connection throws(DatabaseError) in
            try connection.row(
                """
                SELECT \(Self.jobColumns) FROM provider_personas r
                WHERE (r.local_id = ? OR r.remote_id = ?) AND (? IS NULL OR r.owner = ?) ORDER BY r.local_id = ? DESC
                """, [.text(id), .text(id), .text(orNull: owner), .text(orNull: owner), .text(id)], Self.job)
        }
    }

    public func retry(_ id: PersonaID, of owner: String, now: Date) async throws(StoreError) -> Bool {
        try await self.write { connection throws(DatabaseError) in
            try connection.run(
                """
                UPDATE provider_personas SET status = 'queued', attempts = 0, due_at = ?, last_status_at = ?,
                    error_code = NULL, error_text = NULL WHERE local_id = ? AND owner = ? AND status = 'error'
                """, .integer(now.milliseconds), .integer(now.milliseconds), .text(id.rawValue), .text(owner)) == 1
        }
    }

    public func nudge(of owner: String, now: Date) async throws(StoreError) {
        _ = try await self.write { connection throws(DatabaseError) in
            try connection.run(
                """
                UPDATE provider_personas SET due_at = ?
                WHERE owner = ? AND status IN ('queued', 'processing') AND due_at > ?
                """, .integer(now.milliseconds), .text(owner), .integer(now.milliseconds))
        }
    }

    public func forget(_ id: PersonaID) async throws(StoreError) {
        _ = try await self.write { connection throws(DatabaseError) in
            try connection.run("DELETE FROM provider_personas WHERE local_id = ?", .text(id.rawValue))
        }
    }

    private static func job(_ row: borrowing Row) throws(DatabaseError) -> ProviderJob {
        guard let id = PersonaID(row.text(0)), let wish = ProviderJob.Wish(rawValue: row.text(3)),
            let state = PersonaRow.state(row, from: 7)
        else { throw DatabaseError(.corrupt, "a provider's persona has the id \"\(row.text(0))\"") }
        return ProviderJob(
            personaID: id, owner: row.text(1), provider: row.text(2), wish: wish,
            payload: JSONValue.column(row.text(4)), marker: row.text(5), state: state,
            dueAt: Date(milliseconds: row.integer(6)))
    }
}

extension StudioDatabase: QuotaStore {
    public func take(
        _ scope: String, of owner: String, limit: Int, window: Int, now: Date
    ) async throws(StoreError) -> Int? {
        let moment = now.milliseconds
        return try await self.write { connection throws(DatabaseError) in
            try connection.run(
                "DELETE FROM quota_uses WHERE scope = ? AND at <= ?", .text(scope), .integer(moment - window * 1_000))
            let uses = try connection.rows(
                "SELECT at FROM quota_uses WHERE scope = ? AND owner = ? ORDER BY at", [.text(scope), .text(owner)]
            ) { $0.integer(0) }
            guard uses.count >= limit else {
                try connection.run(
                    "INSERT INTO quota_uses(scope, owner, at) VALUES (?, ?, ?)", .text(scope), .text(owner),
                    .integer(moment))
                return nil
            }
            // The oldest of the last `limit` has to leave the window; where nothing is allowed, nothing ever does.
            let freed = limit > 0 ? uses[uses.count - limit] + window * 1_000 : moment + window * 1_000
            return max(1, (freed - moment + 999) / 1_000)
        }
    }
}
