import Foundation
import JSON
import Studio

extension StudioDatabase: JobStore {
    private static let jobColumns = "job_id, owner, template_id, status, error, created_at, expires_at"

    public func create(_ job: PromptJob) async throws(StoreError) {
        try await self.write { connection throws(DatabaseError) in
            try connection.run(
                "INSERT INTO jobs(\(Self.jobColumns)) VALUES (?, ?, ?, ?, ?, ?, ?)", .text(job.id.rawValue),
                .text(job.owner), .text(job.templateID.rawValue), .text(job.status.rawValue),
                .text(orNull: job.error), .integer(job.createdAt.milliseconds),
                .integer(orNull: job.expiresAt?.milliseconds))
            try Self.keepParts(of: job, connection)
        }
    }

    public func save(_ job: PromptJob) async throws(StoreError) {
        try await self.write { connection throws(DatabaseError) in
            try connection.run(
                "UPDATE jobs SET status = ?, error = ?, expires_at = ? WHERE job_id = ?", .text(job.status.rawValue),
                .text(orNull: job.error), .integer(orNull: job.expiresAt?.milliseconds), .text(job.id.rawValue))
            try Self.keepParts(of: job, connection)
        }
    }

    private static func keepParts(of job: PromptJob, _ connection: Connection) throws(DatabaseError) {
        for (place, item) in job.items.enumerated() {
            try connection.run(
                """
                INSERT INTO job_items(job_id, place, persona_id, modes, status, attempt, error, prompt_length,
                    persona_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(job_id, place) DO UPDATE SET status = excluded.status, attempt = excluded.attempt,
                    error = excluded.error, prompt_length = excluded.prompt_length,
                    persona_name = excluded.persona_name
                WHERE status <> excluded.status OR attempt <> excluded.attempt
                """,
                .text(job.id.rawValue), .integer(place), .text(item.personaID),
                .text(item.modes.map(\.rawValue).joined(separator: ",")), .text(item.status.rawValue),
                .integer(item.attempt), .text(orNull: item.error), .integer(orNull: item.promptLength),
                .text(orNull: item.personaName))
        }
        let known =
            try connection.row(
                "SELECT coalesce(max(seq), 0) FROM job_events WHERE job_id = ?", [.text(job.id.rawValue)]
            ) { $0.integer(0) } ?? 0
        for (index, event) in job.events.enumerated().dropFirst(known) {
            try connection.run(
                "INSERT INTO job_events(job_id, seq, json) VALUES (?, ?, ?)", .text(job.id.rawValue),
                .integer(index + 1), .text(event.text))
        }
    }

    public func job(_ id: RecordID, of owner: String) async throws(StoreError) -> PromptJob {
        let found = try await self.read { connection throws(DatabaseError) in
            try Self.jobs("job_id = ? AND owner = ?", [.text(id.rawValue), .text(owner)], connection).first
        }
        guard let found else { throw StoreError(.notFound, "there is no such job of that owner") }
        return found
    }

    public func unfinishedJobs() async throws(StoreError) -> [PromptJob] {
        try await self.read { connection throws(DatabaseError) in
            try Self.jobs("status = 'processing'", [], connection)
        }
    }

    private static func jobs(
        _ condition: String, _ values: [SQLValue], _ connection: Connection
    ) throws(DatabaseError) -> [PromptJob] {
        let heads = try connection.rows(
            "SELECT \(self.jobColumns) FROM jobs WHERE \(condition) ORDER BY created_at, job_id", values
        ) { row in
            (
                row.text(0), row.text(1), row.text(2), row.text(3), row.optionalText(4), row.integer(5),
                row.optionalInteger(6)
            )
        }
        return try heads.map { head throws(DatabaseError) in
            guard let id = RecordID(head.0), let template = RecordID(head.2),
                let status = PromptJob.Status(rawValue: head.3)
            else { throw DatabaseError(.corrupt, "a job has the id \"\(head.0)\"") }
            return PromptJob(
                stored: id, owner: head.1, templateID: template, status: status, error: head.4,
                items: try self.items(head.0, connection),
                events: try connection.rows(
                    "SELECT json FROM job_events WHERE job_id = ? ORDER BY seq", [.text(head.0)]
                ) { JSONValue.column($0.text(0)) },
                createdAt: Date(milliseconds: head.5), expiresAt: head.6.map { Date(milliseconds: $0) })
        }
    }

    private static func items(_ job: String, _ connection: Connection) throws(DatabaseError) -> [PromptJob.Item] {
        try connection.rows(
            """
            SELECT persona_id, modes, status, attempt, error, prompt_length, persona_name FROM job_items
            WHERE job_id = ? ORDER BY place
            """, [.text(job)]
        ) { row throws(DatabaseError) in
            guard let status = PromptJob.Item.Status(rawValue: row.text(2)) else {
                throw DatabaseError(.corrupt, "an item of a job has the status \"\(row.text(2))\"")
            }
            let modes = row.text(1).split(separator: ",").compactMap { GenerationMode(rawValue: String($0)) }
            var item = PromptJob.Item(personaID: row.text(0), modes: modes)
            item.status = status
            item.attempt = row.integer(3)
            item.error = row.optionalText(4)
            item.promptLength = row.optionalInteger(5)
            item.personaName = row.optionalText(6)
            return item
        }
    }

    public func deleteJobs(expiredBy moment: Date) async throws(StoreError) -> Int {
        try await self.write { connection throws(DatabaseError) in
            try connection.run("DELETE FROM jobs WHERE expires_at <= ?", .integer(moment.milliseconds))
        }
    }
}
