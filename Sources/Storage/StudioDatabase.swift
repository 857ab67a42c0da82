import Foundation
import JSON
import Personas
import Studio

/// What the studio makes, in a SQLite file.
public struct StudioDatabase: Sendable {
    let database: Database

    /// Opens `studio.sqlite` in a directory, which is made where it is missing.
    ///
    /// - Throws: `DatabaseError` that says in one sentence why nothing can be kept there.
    public init(directory: String) throws(DatabaseError) {
        try Self.make(directory)
        self.database = try Database(path: directory + "/studio.sqlite", migrations: Migration.all)
    }

    /// For its owner alone: prompts are private.
    private static func make(_ directory: String) throws(DatabaseError) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            let number = ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)?.code
            throw DatabaseError(systemError: number.map { Int32($0) } ?? errno, "\(directory) cannot be made")
        }
    }

    /// Gives scenarios of an older version what they lack. Does nothing the second time.
    ///
    /// - Returns: how many there were.
    @discardableResult
    public func backfill() async throws(StoreError) -> Int {
        try await self.write { connection throws(DatabaseError) in try Backfill.run(on: connection) }
    }

    /// Does what waits, and closes the file. Blocks for as long as that takes.
    public func close() { self.database.close() }

    // MARK: In the words of the studio

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(StoreError) -> Value {
        do throws(DatabaseError) {
            return try await self.database.read(body)
        } catch {
            throw StoreError(error)
        }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Value
    ) async throws(StoreError) -> Value {
        do throws(DatabaseError) {
            return try await self.database.write(body)
        } catch {
            throw StoreError(error)
        }
    }

    /// A write that may find that it should not be made: then nothing of it stays.
    func decide<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(DatabaseError) -> Result<Value, StoreError>
    ) async throws(StoreError) -> Value {
        try await self.write(body).get()
    }
}

extension StoreError {
    init(_ error: DatabaseError) {
        switch error.code {
        case .busy: self.init(.busy, error.message)
        case .constraint: self.init(.exists, error.message)
        case .readOnly, .full, .io, .corrupt, .tooNew, .closed, .misuse: self.init(.unavailable, error.message)
        }
    }
}

extension JSONValue {
    /// What a column of JSON holds; null for text that is none, which only somebody else can have put there.
    static func column(_ text: String) -> JSONValue { (try? JSONValue(parsing: text)) ?? .null }
}
