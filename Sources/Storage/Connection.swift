import CSQLite
import Glibc

/// One connection to the database file. Used by one thread at a time; prepares each statement once.
final class Connection {
    enum Access {
        case writing
        case reading
    }

    private let handle: OpaquePointer
    private var statements: [String: Statement] = [:]

    /// Opens the file, and makes it where it is missing and may be written to.
    init(_ path: String, _ access: Access) throws(DatabaseError) {
        if access == .writing { try Self.makeFile(path) }
        var handle: OpaquePointer?
        // No mutex: each connection belongs to one thread.
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let result = sqlite3_open_v2(path, &handle, flags, nil)
        guard result == SQLITE_OK, let handle else {
            let error = DatabaseError(result, handle)
            sqlite3_close_v2(handle)
            throw error
        }
        self.handle = handle
        try self.prepare(access)
    }

    deinit {
        self.statements = [:]
        sqlite3_close_v2(self.handle)
    }

    private func prepare(_ access: Access) throws(DatabaseError) {
        // For the moments in which another process checkpoints or starts.
        sqlite3_busy_timeout(self.handle, 5_000)
        try self.execute("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF")
        switch access {
        case .reading: try self.execute("PRAGMA query_only = ON")
        case .writing:
            // FULL: a commit is on the disk before it is acknowledged, also where the power fails. NORMAL would lose the
            // last commits then, though it would damage nothing.
            try self.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            // After a burst the log does not stay large for ever.
            try self.execute("PRAGMA journal_size_limit = 16777216")
        }
    }

    /// The file is for its owner alone; its log takes the same permissions.
    private static func makeFile(_ path: String) throws(DatabaseError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DatabaseError(systemError: errno, "\(path) cannot be opened for writing") }
        close(descriptor)
    }

    /// Whether no transaction is open, also because SQLite has rolled one back by itself.
    var isOutsideTransaction: Bool { sqlite3_get_autocommit(self.handle) != 0 }

    /// Rows that the last statement changed.
    var changes: Int { Int(sqlite3_changes64(self.handle)) }

    /// Runs a script of statements without values.
    func execute(_ script: String) throws(DatabaseError) {
        let result = sqlite3_exec(self.handle, script, nil, nil, nil)
        guard result == SQLITE_OK else { throw DatabaseError(result, self.handle) }
    }

    /// Runs one statement.
    ///
    /// - Returns: how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ values: SQLValue...) throws(DatabaseError) -> Int { try self.run(sql, values) }

    @discardableResult
    func run(_ sql: String, _ values: [SQLValue]) throws(DatabaseError) -> Int {
        try self.statement(sql).run(values) { _ throws(DatabaseError) in }
        return self.changes
    }

    /// Every row of an answer, each made into something else.
    func rows<Element>(
        _ sql: String, _ values: [SQLValue] = [], _ make: (borrowing Row) throws(DatabaseError) -> Element
    ) throws(DatabaseError) -> [Element] {
        var elements: [Element] = []
        try self.statement(sql).run(values) { row throws(DatabaseError) in elements.append(try make(row)) }
        return elements
    }

    /// The first row of an answer.
    func row<Element>(
        _ sql: String, _ values: [SQLValue] = [], _ make: (borrowing Row) throws(DatabaseError) -> Element
    ) throws(DatabaseError) -> Element? {
        try self.rows(sql, values, make).first
    }

    private func statement(_ sql: String) throws(DatabaseError) -> Statement {
        if let known = self.statements[sql] { return known }
        let statement = try Statement(sql, on: self.handle)
        self.statements[sql] = statement
        return statement
    }
}

extension DatabaseError {
    /// What the operating system answered.
    init(systemError number: Int32, _ what: String) {
        let reason = String(cString: strerror(number))
        switch number {
        case EACCES, EPERM, EROFS: self.init(.readOnly, "\(what): \(reason)")
        case ENOSPC, EDQUOT: self.init(.full, "\(what): \(reason)")
        default: self.init(.io, "\(what): \(reason)")
        }
    }
}
