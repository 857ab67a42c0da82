import Foundation
import JSON
import Personas
import Studio

extension StudioDatabase: ProviderQueue {
    static let providerColumns = """
        r.local_id, r.owner, r.provider, r.wish, r.payload, r.marker, r.due_at, r.revision, r.made,
        \(PersonaRow.stateColumns)
        """
    private static let providerColumnCount: Int32 = 19

    /// What there is to be done; `change_code` says that it was tried and cannot be.
    static let waits = """
        (r.status IN ('queued', 'processing') OR r.status = 'ready' AND r.revision <> r.made AND r.change_code IS NULL)
        """

    private static func belongs(to lane: ProviderLane) -> String {
        let isNew = "(r.wish = 'present' AND r.remote_id IS NULL)"
        return switch lane {
        case .creation: isNew
        case .care: "NOT \(isNew)"
        }
    }

    /// At the moment `?1`.
    private static func due(_ lane: ProviderLane) -> String {
        "\(Self.waits) AND \(Self.belongs(to: lane)) AND r.due_at <= ?1"
    }

    public func enqueue(_ job: ProviderJob) async throws(StoreError) {
        try await self.write { connection throws(DatabaseError) in try Self.insert(job, connection) }
    }

    // MARK: Working

    public func claim(
        _ lane: ProviderLane, by holder: String, now: Date, until expiry: Date
    ) async throws(StoreError) -> ProviderJob? {
        // A creation that is held stays the first: nothing comes before it.
        let isFree = lane == .creation ? "TRUE" : "r.held_until <= ?1"
        return try await self.claim(
            "\(Self.due(lane)) AND \(isFree)", .integer(now.milliseconds), by: holder, now: now, until: expiry)
    }

    public func claim(
        _ id: PersonaID, by holder: String, now: Date, until expiry: Date
    ) async throws(StoreError) -> ProviderJob? {
        try await self.claim(
            "\(Self.waits) AND r.local_id = ?1", .text(id.rawValue), by: holder, now: now, until: expiry)
    }

    private func claim(
        _ condition: String, _ value: SQLValue, by holder: String, now: Date, until expiry: Date
    ) async throws(StoreError) -> ProviderJob? {
        try await self.write { connection throws(DatabaseError) in
            let first = try connection.row(
                """
                SELECT \(Self.providerColumns), r.held_until FROM provider_personas r WHERE \(condition)
                ORDER BY r.place LIMIT 1
                """, [value]
            ) { row throws(DatabaseError) in
                (job: try Self.job(row), heldUntil: row.integer(Self.providerColumnCount))
            }
            guard let (job, heldUntil) = first, heldUntil <= now.milliseconds else { return nil }
            try connection.run(
                "UPDATE provider_personas SET holder = ?, held_until = ? WHERE local_id = ?", .text(holder),
                .integer(expiry.milliseconds), .text(job.personaID.rawValue))
            return job
        }
    }

    public func nextDue(_ lane: ProviderLane, now: Date) async throws(StoreError) -> Date? {
        try await self.read { connection throws(DatabaseError) in
            if lane == .creation, let held = try Self.firstHold(at: now, connection) { return max(now, held) }
            let due = try connection.row(
                """
                SELECT min(max(r.due_at, r.held_until)) FROM provider_personas r
                WHERE \(Self.waits) AND \(Self.belongs(to: lane))
                """
            ) { $0.optionalInteger(0) }
            return due.flatMap { $0 }.map { Date(milliseconds: $0) }
        }
    }

    /// Until when somebody works on what is to be made next; nil where nothing is to be made now.
    private static func firstHold(at now: Date, _ connection: Connection) throws(DatabaseError) -> Date? {
        try connection.row(
            "SELECT r.held_until FROM provider_personas r WHERE \(self.due(.creation)) ORDER BY r.place LIMIT 1",
            [.integer(now.milliseconds)]
        ) { Date(milliseconds: $0.integer(0)) }
    }

    public func settle(
        _ job: ProviderJob, by holder: String, until expiry: Date?
    ) async throws(StoreError) -> Bool {
        try await self.write { connection throws(DatabaseError) in
            let present = try connection.row(
                "SELECT status FROM provider_personas WHERE local_id = ? AND holder = ? AND wish = ?",
                [.text(job.personaID.rawValue), .text(holder), .text(job.wish.rawValue)]
            ) { SyncStatus(rawValue: $0.text(0)) }
            guard case let status?? = present, status.mayBecome(job.state.status) else { return false }
            return try Self.update(job, holder: expiry == nil ? nil : holder, until: expiry, connection)
        }
    }

    /// What its author has changed in the meantime stays due as it is.
    private static func update(
        _ job: ProviderJob, holder: String?, until expiry: Date?, _ connection: Connection
    ) throws(DatabaseError) -> Bool {
        let state = job.state
        let change = state.change?.failure
        return try connection.run(
            """
            UPDATE provider_personas SET status = ?, status_source = ?, attempts = ?, last_status_at = ?,
                error_code = ?, error_text = ?, change_code = iif(revision = ?, ?, NULL),
                change_text = iif(revision = ?, ?, NULL), remote_id = ?, made = ?, due_at = iif(revision = ?, ?, due_at),
                holder = ?, held_until = ?
            WHERE local_id = ?
            """,
            .text(state.status.rawValue), .text(state.source.rawValue), .integer(state.attempts),
            .integer(state.lastStatusAt.milliseconds), .text(orNull: state.failure?.code),
            .text(orNull: state.failure?.message), .integer(job.revision), .text(orNull: change?.code),
            .integer(job.revision), .text(orNull: change?.message), .text(orNull: state.remoteID), .integer(job.made),
            .integer(job.revision), .integer(job.dueAt.milliseconds), .text(orNull: holder),
            .integer(expiry?.milliseconds ?? 0), .text(job.personaID.rawValue)) == 1
    }

    public func letGo(_ id: PersonaID, by holder: String) async throws(StoreError) {
        _ = try await self.write { connection throws(DatabaseError) in
            try connection.run(
                "UPDATE provider_personas SET holder = NULL, held_until = 0 WHERE local_id = ? AND holder = ?",
                .text(id.rawValue), .text(holder))
        }
    }

    public func forget(_ id: PersonaID) async throws(StoreError) {
        _ = try await self.write { connection throws(DatabaseError) in
            try connection.run("DELETE FROM provider_personas WHERE local_id = ?", .text(id.rawValue))
        }
    }

    static func job(_ row: borrowing Row) throws(DatabaseError) -> ProviderJob {
        guard let id = PersonaID(row.text(0)), let wish = ProviderJob.Wish(rawValue: row.text(3)),
            let state = PersonaRow.state(row, from: 9)
        else { throw DatabaseError(.corrupt, "a provider's persona has the id \"\(row.text(0))\"") }
        var job = ProviderJob(
            personaID: id, owner: row.text(1), provider: row.text(2), wish: wish,
            payload: JSONValue.column(row.text(4)), marker: row.text(5), state: state,
            dueAt: Date(milliseconds: row.integer(6)))
        job.revision = row.integer(7)
        job.made = row.integer(8)
        return job
    }
}
