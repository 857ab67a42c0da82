import Foundation
import Studio

extension StudioDatabase: QuotaStore {
    public func take(_ quota: Quota, of owner: String, now: Date) async throws(StoreError) -> Int? {
        try await self.write { connection throws(DatabaseError) in
            if let wait = try Quotas.wait(quota, of: owner, now: now, connection) { return wait }
            try Quotas.note(quota, of: owner, now: now, connection)
            return nil
        }
    }

    public func giveBack(_ quota: Quota, of owner: String) async throws(StoreError) {
        _ = try await self.write { connection throws(DatabaseError) in
            try connection.run(
                """
                DELETE FROM quota_uses WHERE rowid =
                    (SELECT rowid FROM quota_uses WHERE scope = ? AND owner = ? ORDER BY at DESC LIMIT 1)
                """, .text(quota.scope), .text(owner))
        }
    }
}

/// What users have done of late that is counted.
enum Quotas {
    /// Seconds until one more may be; nil where it may be now.
    static func wait(
        _ quota: Quota, of owner: String, now: Date, _ connection: Connection
    ) throws(DatabaseError) -> Int? {
        let moment = now.milliseconds
        let span = quota.window * 1_000
        try connection.run(
            "DELETE FROM quota_uses WHERE scope = ? AND at <= ?", .text(quota.scope), .integer(moment - span))
        let uses = try connection.rows(
            "SELECT at FROM quota_uses WHERE scope = ? AND owner = ? ORDER BY at", [.text(quota.scope), .text(owner)]
        ) { $0.integer(0) }
        guard uses.count >= quota.limit else { return nil }
        // The oldest of the last `limit` has to leave the window; where nothing is allowed, nothing ever does.
        let freed = quota.limit > 0 ? uses[uses.count - quota.limit] + span : moment + span
        return max(1, (freed - moment + 999) / 1_000)
    }

    static func note(
        _ quota: Quota, of owner: String, now: Date, _ connection: Connection
    ) throws(DatabaseError) {
        try connection.run(
            "INSERT INTO quota_uses(scope, owner, at) VALUES (?, ?, ?)", .text(quota.scope), .text(owner),
            .integer(now.milliseconds))
    }
}
