import Foundation
import JSON
import Studio

/// Answers that are told again when the same request comes again, kept in the very transaction that they speak of.
enum Answers {
    /// A client that has not come back for a day has given up.
    private static let lifetimeMs = 24 * 3_600 * 1_000

    /// Makes the change, unless the same request has made it before.
    ///
    /// - Parameters:
    ///   - record: what the answer is about: it goes with it.
    ///   - refusal: why it cannot be made now; who has made it before is told so all the same.
    static func once(
        _ answer: RememberedAnswer?, about record: String, unless refusal: StoreError? = nil,
        on connection: Connection, _ change: () throws(DatabaseError) -> Void
    ) throws(DatabaseError) -> Result<Creation, StoreError> {
        guard let answer else {
            if let refusal { return .failure(refusal) }
            try change()
            return .success(.made)
        }
        let now = Date.now.milliseconds
        try connection.run("DELETE FROM answers WHERE created_at < ?", .integer(now - Self.lifetimeMs))
        if let known = try self.known(answer, connection) {
            guard known.fingerprint == answer.fingerprint else {
                return .failure(StoreError(.keyReused, "the Idempotency-Key was used for another request"))
            }
            return .success(.repeated(known))
        }
        if let refusal { return .failure(refusal) }
        try change()
        try self.keep(answer, about: record, now, connection)
        return .success(.made)
    }

    /// What is deleted is not shown in an answer of old either; the request that made it would make it anew.
    static func forget(about record: String, _ connection: Connection) throws(DatabaseError) {
        try connection.run("DELETE FROM answers WHERE record = ?", .text(record))
    }

    private static func keep(
        _ answer: RememberedAnswer, about record: String, _ now: Int, _ connection: Connection
    ) throws(DatabaseError) {
        try connection.run(
            """
            INSERT INTO answers(owner, key, fingerprint, status, headers, body, record, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(answer.owner), .text(answer.key), .text(answer.fingerprint), .integer(answer.status),
            .text(JSONValue.object(answer.headers.mapValues { .string($0) }).text),
            .text(String(decoding: answer.body, as: UTF8.self)), .text(record), .integer(now))
    }

    private static func known(
        _ answer: RememberedAnswer, _ connection: Connection
    ) throws(DatabaseError) -> RememberedAnswer? {
        try connection.row(
            "SELECT fingerprint, status, headers, body FROM answers WHERE owner = ? AND key = ?",
            [.text(answer.owner), .text(answer.key)]
        ) { row in
            RememberedAnswer(
                key: answer.key, owner: answer.owner, fingerprint: row.text(0), status: row.integer(1),
                headers: (JSONValue.column(row.text(2)).object ?? [:]).compactMapValues(\.string),
                body: Array(row.text(3).utf8))
        }
    }
}
