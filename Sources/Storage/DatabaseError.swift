import CSQLite

/// Why the database does not do what it was asked.
public struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The disk or the file may not be written to.
        case readOnly = "read_only"
        /// There is no room left.
        case full
        /// The disk failed.
        case io
        /// The file is no database, or a damaged one.
        case corrupt
        /// Another process holds it for longer than is waited, or too many requests wait here.
        case busy
        /// A row that has to be unique is there already, or one that is referred to is not.
        case constraint
        /// A later version of the program has made it.
        case tooNew = "too_new"
        /// It was closed.
        case closed
        /// A statement is wrong: a fault of this program.
        case misuse
    }

    public var code: Code
    /// One sentence for an operator.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { self.message }

    /// Whether the same request may succeed later without anybody's help.
    public var isRetriable: Bool { self.code == .busy }

    /// What SQLite answered; its text is read before anything else can replace it.
    init(_ result: Int32, _ handle: OpaquePointer?) {
        let text = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(result)
        self.init(Code(result), text.map { String(cString: $0) } ?? "SQLite error \(result)")
    }
}

extension DatabaseError.Code {
    /// - Parameter result: a result code of SQLite, extended or not.
    init(_ result: Int32) {
        switch result & 0xFF {
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: self = .readOnly
        // A directory that may not be read, or that is not there.
        case SQLITE_CANTOPEN: self = .readOnly
        case SQLITE_FULL: self = .full
        case SQLITE_IOERR, SQLITE_NOMEM, SQLITE_PROTOCOL: self = .io
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT: self = .corrupt
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
        case SQLITE_CONSTRAINT: self = .constraint
        default: self = .misuse
        }
    }
}
