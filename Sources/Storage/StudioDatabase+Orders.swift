import Foundation
import JSON
import Personas
import Studio

// What a provider is told to do comes and goes with the persona that it is for, in one transaction.
extension StudioDatabase {
    static func insert(_ job: ProviderJob, _ connection: Connection) throws(DatabaseError) {
        try connection.run(
            """
            INSERT INTO provider_personas(local_id, owner, provider, wish, payload, marker, revision, made, remote_id,
                status, status_source, attempts, due_at, last_status_at, error_code, error_text)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(job.personaID.rawValue), .text(job.owner), .text(job.provider), .text(job.wish.rawValue),
            .text(job.payload.text), .text(job.marker), .integer(job.revision), .integer(job.made),
            .text(orNull: job.state.remoteID), .text(job.state.status.rawValue), .text(job.state.source.rawValue),
            .integer(job.state.attempts), .integer(job.dueAt.milliseconds),
            .integer(job.state.lastStatusAt.milliseconds), .text(orNull: job.state.failure?.code),
            .text(orNull: job.state.failure?.message))
    }

    /// Why an order cannot be taken; nil where it can. Nothing is changed yet.
    static func refusal(
        _ order: ProviderOrder?, _ connection: Connection
    ) throws(DatabaseError) -> StoreError? {
        guard let order, let quota = order.quota, order.isForNew,
            try self.ordered(order.job.personaID, connection) == nil,
            let wait = try Quotas.wait(quota, of: order.job.owner, now: order.job.dueAt, connection)
        else { return nil }
        return StoreError(
            .overQuota, "\(quota.limit) in \(quota.window) s have been made already", retryAfterSeconds: wait)
    }

    /// Takes an order for a new persona, that `refusal` has nothing against.
    static func begin(_ order: ProviderOrder?, _ connection: Connection) throws(DatabaseError) {
        guard let order, order.isForNew else { return }
        if let quota = order.quota {
            try Quotas.note(quota, of: order.job.owner, now: order.job.dueAt, connection)
        }
        try self.insert(order.job, connection)
    }

    /// Takes an order for a persona that has changed, that `refusal` has nothing against.
    static func take(_ order: ProviderOrder?, _ connection: Connection) throws(DatabaseError) {
        guard let order else { return }
        guard let present = try self.ordered(order.job.personaID, connection) else {
            return try self.begin(order, connection)
        }
        try self.change(to: order.job, from: present, connection)
    }

    private static func ordered(_ id: PersonaID, _ connection: Connection) throws(DatabaseError) -> JSONValue? {
        try connection.row("SELECT payload FROM provider_personas WHERE local_id = ?", [.text(id.rawValue)]) {
            JSONValue.column($0.text(0))
        }
    }

    /// One that failed is tried anew, even as it is; one that waits for its turn keeps it; one that is ready stays so
    /// while it is changed.
    private static func change(
        to job: ProviderJob, from present: JSONValue, _ connection: Connection
    ) throws(DatabaseError) {
        try connection.run(
            """
            UPDATE provider_personas SET payload = ?, revision = revision + ?,
                status = iif(status = 'error', 'queued', status),
                last_status_at = iif(status = 'error', ?, last_status_at),
                attempts = iif(status IN ('error', 'ready'), 0, attempts),
                due_at = iif(status = 'queued', due_at, ?),
                error_code = NULL, error_text = NULL, change_code = NULL, change_text = NULL
            WHERE local_id = ? AND (? OR status = 'error' OR change_code IS NOT NULL)
            """,
            .text(job.payload.text), .integer(present == job.payload ? 0 : 1), .integer(job.dueAt.milliseconds),
            .integer(job.dueAt.milliseconds), .text(job.personaID.rawValue),
            .integer(present == job.payload ? 0 : 1))
    }

    /// The persona is gone here: it should be gone at the provider too, unless that has certainly never heard of it.
    ///
    /// - Parameter condition: says with one value which personas are meant.
    static func release(_ condition: String, _ value: String, _ connection: Connection) throws(DatabaseError) {
        let now = Date.now.milliseconds
        try connection.run(
            """
            DELETE FROM provider_personas WHERE local_id IN (SELECT persona_id FROM personas WHERE \(condition))
                AND remote_id IS NULL AND made = 0 AND held_until <= ?
            """, .text(value), .integer(now))
        try connection.run(
            """
            UPDATE provider_personas SET wish = 'absent', status = 'queued', attempts = 0,
                due_at = iif(\(Self.mayAppear), max(due_at, ?), ?), last_status_at = ?, error_code = NULL,
                error_text = NULL, change_code = NULL, change_text = NULL
            WHERE local_id IN (SELECT persona_id FROM personas WHERE \(condition))
            """, .integer(now), .integer(now), .integer(now), .text(value))
    }
}
