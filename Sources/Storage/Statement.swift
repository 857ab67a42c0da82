import CSQLite

/// One prepared statement; its owner finalizes it.
final class Statement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer

    init(_ sql: String, on connection: OpaquePointer) throws(DatabaseError) {
        var handle: OpaquePointer?
        let result = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard result == SQLITE_OK, let handle else { throw DatabaseError(result, connection) }
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(self.handle) }

    /// Runs the statement from the start and lends each row to `body`.
    func run(_ values: [SQLValue], _ body: (borrowing Row) throws(DatabaseError) -> Void) throws(DatabaseError) {
        defer {
            sqlite3_reset(self.handle)
            sqlite3_clear_bindings(self.handle)
        }
        precondition(
            Int(sqlite3_bind_parameter_count(self.handle)) == values.count,
            "a statement is given another number of values")
        for (index, value) in values.enumerated() { try self.bind(value, at: Int32(index + 1)) }
        while true {
            let result = sqlite3_step(self.handle)
            switch result {
            case SQLITE_ROW: try body(Row(self.handle))
            case SQLITE_DONE: return
            default: throw DatabaseError(result, self.connection)
            }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) throws(DatabaseError) {
        let result: Int32
        switch value {
        case .null: result = sqlite3_bind_null(self.handle, index)
        case .integer(let number): result = sqlite3_bind_int64(self.handle, index, Int64(number))
        case .real(let number): result = sqlite3_bind_double(self.handle, index, number)
        case .text(var text):
            result = text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { characters in
                    // An empty text has no address, and an absent address is NULL.
                    guard let base = characters.baseAddress else {
                        return vaani_sqlite_bind_text(self.handle, index, "", 0)
                    }
                    return vaani_sqlite_bind_text(self.handle, index, base, UInt64(characters.count))
                }
            }
        }
        guard result == SQLITE_OK else { throw DatabaseError(result, self.connection) }
    }
}

/// One row of an answer, by the position of its columns. Lent for one call: the next step overwrites it.
struct Row: ~Copyable {
    private let handle: OpaquePointer

    fileprivate init(_ handle: OpaquePointer) { self.handle = handle }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(self.handle, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int { Int(sqlite3_column_int64(self.handle, column)) }

    func real(_ column: Int32) -> Double { sqlite3_column_double(self.handle, column) }

    /// Empty for NULL.
    func text(_ column: Int32) -> String {
        guard let text = sqlite3_column_text(self.handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(self.handle, column))
        return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? { self.isNull(column) ? nil : self.text(column) }

    func optionalInteger(_ column: Int32) -> Int? { self.isNull(column) ? nil : self.integer(column) }
}
