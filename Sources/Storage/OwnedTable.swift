import Foundation
import Studio

/// A table of things that belong to somebody, and are listed from new to old.
struct OwnedTable: Sendable {
    let name: String
    let id: String
    let columns: String

    /// - Parameter owner: nil for whoever has it.
    func row<Value>(
        _ id: RecordID, of owner: String?, _ connection: Connection,
        _ read: (borrowing Row) throws(DatabaseError) -> Value
    ) throws(DatabaseError) -> Value? {
        try connection.row(
            "SELECT \(self.columns) FROM \(self.name) WHERE \(self.id) = ? AND owner = coalesce(?, owner)",
            [.text(id.rawValue), .text(orNull: owner)], read)
    }

    func page<Value>(
        of owner: String, _ window: PageWindow, _ connection: Connection,
        _ read: (borrowing Row) throws(DatabaseError) -> Value, mark: (Value) -> PageMark
    ) throws(DatabaseError) -> Page<Value> {
        let total = try connection.row(
            "SELECT count(*) FROM \(self.name) WHERE owner = ?", [.text(owner)], { $0.integer(0) })
        let place = window.place("created_at", self.id)
        let rows = try connection.rows(
            """
            SELECT \(self.columns) FROM \(self.name) WHERE owner = ?\(place.condition)
            ORDER BY created_at DESC, \(self.id) LIMIT ?
            """, [.text(owner)] + place.values + [.integer(window.count + 1)], read)
        return Page(rows, total: total ?? 0, window, mark: mark)
    }

    /// - Parameter values: of all columns, in their order.
    func insert(_ values: [SQLValue], _ connection: Connection) throws(DatabaseError) {
        let places = values.map { _ in "?" }.joined(separator: ", ")
        try connection.run("INSERT INTO \(self.name)(\(self.columns)) VALUES (\(places))", values)
    }

    /// Takes a row out, with what was answered when it was made.
    ///
    /// - Returns: false where there is none of that owner.
    func delete(_ id: RecordID, of owner: String, _ connection: Connection) throws(DatabaseError) -> Bool {
        let count = try connection.run(
            "DELETE FROM \(self.name) WHERE \(self.id) = ? AND owner = ?", [.text(id.rawValue), .text(owner)])
        guard count == 1 else { return false }
        try Answers.forget(about: id.rawValue, connection)
        return true
    }
}

extension PageWindow {
    /// What comes after the mark, in a list from new to old: to be joined to a condition.
    func place(_ time: String, _ id: String) -> (condition: String, values: [SQLValue]) {
        guard let mark = self.after else { return ("", []) }
        return (
            " AND (\(time) < ? OR (\(time) = ? AND \(id) > ?))",
            [.integer(mark.createdAt), .integer(mark.createdAt), .text(mark.id)]
        )
    }
}

extension PageMark {
    init(_ createdAt: Date, _ id: String) { self.init(createdAt: createdAt.milliseconds, id: id) }
}

extension Page {
    /// - Parameter rows: one more than wanted where there are more.
    init(_ rows: [Item], total: Int, _ window: PageWindow, mark: (Item) -> PageMark) {
        let items = Array(rows.prefix(window.count))
        self.init(items: items, total: total, next: rows.count > window.count ? items.last.map(mark) : nil)
    }
}
