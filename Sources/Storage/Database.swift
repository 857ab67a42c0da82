import Foundation
import Synchronization

/// A SQLite database: one thread writes, a few threads read, and nothing of it runs on the caller's thread.
///
/// Reads see the last commit and wait for no write (WAL). Writes that wait are committed together: each is a savepoint
/// of its own, so that one that fails leaves nothing behind, and all are acknowledged once the disk has them.
public final class Database: Sendable {
    /// Reading is short and mostly from memory: two threads hide each other's disk.
    private static let readerCount = 2
    /// Some seconds of writes on a slow disk.
    private static let queueLimit = 2_048
    /// Writes in one commit: the first of them waits for the last.
    private static let maxBatch = 64

    private let writes = JobQueue<Write>(limit: Database.queueLimit)
    private let reads = JobQueue<Read>(limit: Database.queueLimit)
    private let threads = DispatchGroup()

    /// One write: runs in an open transaction, and is told afterwards whether that was committed.
    struct Write: Sendable {
        let run: @Sendable (Connection) -> (@Sendable (DatabaseError?) -> Void, failed: Bool)
        let refuse: @Sendable (DatabaseError) -> Void
    }

    typealias Read = @Sendable (Connection) -> Void

    /// Opens the file, and brings it to the latest version.
    ///
    /// - Throws: `readOnly`, `full`, `io` for a disk that does not take a write, `corrupt` for a file that is no
    ///   database, `tooNew` for one that a later version has made.
    public init(path: String, migrations: [Migration]) throws(DatabaseError) {
        let writer = try Connection(path, .writing)
        try Migration.bring(writer, to: migrations)
        try Self.proveThatItWrites(writer)
        var readers: [Connection] = []
        for _ in 0..<Self.readerCount { readers.append(try Connection(path, .reading)) }
        self.start("vaani-db-write", writer) { database, connection in database.write(on: connection) }
        for reader in readers {
            self.start("vaani-db-read", reader) { database, connection in database.read(on: connection) }
        }
    }

    /// A full disk is found out before the first user has to.
    private static func proveThatItWrites(_ connection: Connection) throws(DatabaseError) {
        try connection.execute(
            "CREATE TABLE IF NOT EXISTS starts(id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL)")
        try connection.run(
            "INSERT INTO starts(id, at) VALUES (1, ?) ON CONFLICT(id) DO UPDATE SET at = excluded.at",
            .integer(Date.now.milliseconds))
    }

    private func start(
        _ name: String, _ connection: Connection, _ body: @escaping @Sendable (Database, Connection) -> Void
    ) {
        // Handed over: from here on this thread alone uses the connection.
        nonisolated(unsafe) let connection = connection
        self.threads.enter()
        let thread = Thread { [self] in
            body(self, connection)
            self.threads.leave()
        }
        thread.name = name
        thread.start()
    }

    // MARK: Asking

    /// Runs `body` in a transaction of its own, and returns once its changes are on the disk.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        let result: Result<Value, DatabaseError> = await withCheckedContinuation { continuation in
            let write = Write { connection in
                let outcome = Self.outcome(of: body, in: connection)
                let failed = if case .failure = outcome { true } else { false }
                return (
                    { commitError in
                        continuation.resume(returning: failed ? outcome : commitError.map { .failure($0) } ?? outcome)
                    }, failed
                )
            } refuse: {
                continuation.resume(returning: .failure($0))
            }
            self.push { () throws(DatabaseError) in
                try self.writes.push(write)
            } refuse: {
                write.refuse($0)
            }
        }
        return try result.get()
    }

    /// Runs `body` on a connection that reads.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        let result: Result<Value, DatabaseError> = await withCheckedContinuation { continuation in
            let read: Read = { continuation.resume(returning: Self.outcome(of: body, in: $0)) }
            self.push { () throws(DatabaseError) in
                try self.reads.push(read)
            } refuse: {
                continuation.resume(returning: .failure($0))
            }
        }
        return try result.get()
    }

    private func push(_ push: () throws(DatabaseError) -> Void, refuse: (DatabaseError) -> Void) {
        do throws(DatabaseError) {
            try push()
        } catch {
            refuse(error)
        }
    }

    private static func outcome<Value>(
        of body: (Connection) throws(DatabaseError) -> Value, in connection: Connection
    ) -> Result<Value, DatabaseError> {
        do throws(DatabaseError) {
            return .success(try body(connection))
        } catch {
            return .failure(error)
        }
    }

    /// Does what waits, and closes the file. Blocks for as long as that takes.
    public func close() {
        self.writes.close()
        self.reads.close()
        self.threads.wait()
    }

    // MARK: The threads

    private func read(on connection: Connection) {
        while let read = self.reads.pop(atMost: 1).first { read(connection) }
    }

    private func write(on connection: Connection) {
        while true {
            let batch = self.writes.pop(atMost: Self.maxBatch)
            guard !batch.isEmpty else { return }
            self.commit(batch, on: connection)
        }
    }

    private func commit(_ batch: [Write], on connection: Connection) {
        var acknowledgements: [@Sendable (DatabaseError?) -> Void] = []
        var failure: DatabaseError?
        do throws(DatabaseError) {
            try connection.execute("BEGIN IMMEDIATE")
            for write in batch { acknowledgements.append(try self.run(write, on: connection)) }
            try connection.execute("COMMIT")
        } catch {
            failure = error
            if !connection.isOutsideTransaction { try? connection.execute("ROLLBACK") }
        }
        for acknowledge in acknowledgements { acknowledge(failure) }
        if let failure { for write in batch.dropFirst(acknowledgements.count) { write.refuse(failure) } }
    }

    /// - Throws: where SQLite has given up the whole transaction, as it does when the disk is full.
    private func run(
        _ write: Write, on connection: Connection
    ) throws(DatabaseError) -> @Sendable (DatabaseError?) -> Void {
        try connection.execute("SAVEPOINT job")
        let (acknowledge, failed) = write.run(connection)
        guard !connection.isOutsideTransaction else {
            throw DatabaseError(.full, "the disk did not take the changes, which were undone")
        }
        if failed { try connection.execute("ROLLBACK TO job") }
        try connection.execute("RELEASE job")
        return acknowledge
    }
}

extension Date {
    /// Since 1970, as times are stored.
    var milliseconds: Int { Int((self.timeIntervalSince1970 * 1_000).rounded()) }

    init(milliseconds: Int) { self.init(timeIntervalSince1970: Double(milliseconds) / 1_000) }
}
