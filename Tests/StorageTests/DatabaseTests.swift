import Foundation
import Glibc
import Studio
import Testing

@testable import Storage

@Suite struct DatabaseTests {
    private func fault(_ directory: String) -> DatabaseError? {
        do throws(DatabaseError) {
            try StudioDatabase(directory: directory).close()
            return nil
        } catch {
            return error
        }
    }

    @Test func `a place that cannot be written to is told in one sentence with its name`() throws {
        // Nobody may make anything there, root included.
        let error = try #require(self.fault("/proc/vaani"))
        #expect(error.message.contains("/proc/vaani") && !error.message.contains("\n"))
    }

    @Test func `a file that is no database is not touched`() throws {
        let folder = StoreFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let text = String(repeating: "This is a diary. ", count: 100)
        try text.write(toFile: folder.path + "/studio.sqlite", atomically: true, encoding: .utf8)
        #expect(self.fault(folder.path)?.code == .corrupt)
        #expect(try String(contentsOfFile: folder.path + "/studio.sqlite", encoding: .utf8) == text)
    }

    @Test func `the file is for its owner alone`() async throws {
        let folder = StoreFolder()
        try await folder.open { _ in
            for name in ["", "/studio.sqlite", "/studio.sqlite-wal"] {
                var status = stat()
                #expect(stat(folder.path + name, &status) == 0 && status.st_mode & 0o077 == 0, "\(name)")
            }
        }
    }

    @Test func `a database of a later version is refused`() throws {
        let folder = StoreFolder()
        #expect(self.fault(folder.path) == nil)
        let connection = try Connection(folder.path + "/studio.sqlite", .writing)
        try connection.run("INSERT INTO schema_version VALUES (99, 'from the future', 0)")
        #expect(self.fault(folder.path)?.code == .tooNew)
    }

    @Test func `a disk that is full refuses a write, keeps what there was, and takes the next when there is room`()
        async throws
    {
        let folder = StoreFolder()
        try await folder.open { store in
            let first = Sample.scenario("first")
            _ = try await store.create(first, queueing: nil, answering: nil)
            try await store.database.write { connection throws(DatabaseError) in
                try connection.execute("PRAGMA max_page_count = 1")
            }
            var large = Sample.scenario("large")
            large.persona.config.context = String(repeating: "x", count: 1 << 20)
            let refused = large
            #expect(await code { _ = try await store.create(refused, queueing: nil, answering: nil) } == .unavailable)
            #expect(try await store.scenario(first.id, of: "tara") == first)
            #expect(await code { _ = try await store.scenario(refused.id, of: "tara") } == .notFound)
            try await store.database.write { connection throws(DatabaseError) in
                try connection.execute("PRAGMA max_page_count = 1000000")
            }
            #expect(try await store.create(refused, queueing: nil, answering: nil) == .made)
        }
    }

    @Test func `S0-10 scenarios without tags and persona get both, and twice changes nothing`() async throws {
        let folder = StoreFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        do {
            // As the first version left it.
            let connection = try Connection(folder.path + "/studio.sqlite", .writing)
            try Migration.bring(connection, to: Array(Migration.all.prefix(1)))
            try connection.run(
                """
                INSERT INTO scenarios(scenario_id, owner, title, description, category, duration_min, created_at, updated_at)
                VALUES ('scn_old', 'tara', 'Old', 'From before', 'Leadership', 20, 1, 2)
                """)
        }
        let id = try #require(RecordID("scn_old"))
        let first = try await folder.open { store in
            #expect(try await store.backfill() == 1)
            return try await store.scenario(id, of: "tara")
        }
        #expect(first.details.tags == [] && first.persona.config == .standard && first.version == 1)
        let second = try await folder.open { store in
            #expect(try await store.backfill() == 0)
            return try await store.scenario(id, of: "tara")
        }
        #expect(second == first)
    }

    @Test func `a step that fails is undone whole, and is made when it can be`() throws {
        let folder = StoreFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let connection = try Connection(folder.path + "/x.sqlite", .writing)
        let good = Migration(1, "one", "CREATE TABLE one(a)")
        let bad = Migration(2, "two", "CREATE TABLE two(a); CREATE TABLE one(a)")
        #expect(throws: DatabaseError.self) { try Migration.bring(connection, to: [good, bad]) }
        try Migration.bring(connection, to: [good, Migration(2, "two", "CREATE TABLE two(a)")])
        #expect(try connection.row("SELECT count(*) FROM schema_version", [], { $0.integer(0) }) == 2)
    }

    @Test func `what waits when it is closed is still written, and nothing after`() async throws {
        let folder = StoreFolder()
        let store = try StudioDatabase(directory: folder.path)
        _ = try await store.create(Sample.scenario(), queueing: nil, answering: nil)
        store.close()
        #expect(
            await code { _ = try await store.create(Sample.scenario(), queueing: nil, answering: nil) } == .unavailable)
        #expect(try await folder.open { try await $0.scenarios(ScenarioQuery(owner: "tara")).total } == 1)
    }

    @Test func `a full queue refuses, and an empty one that is closed ends`() throws {
        let queue = JobQueue<Int>(limit: 2)
        try queue.push(1)
        try queue.push(2)
        #expect(throws: DatabaseError.self) { try queue.push(3) }
        #expect(queue.pop(atMost: 5) == [1, 2])
        queue.close()
        #expect(queue.pop(atMost: 5) == [])
        #expect(throws: DatabaseError.self) { try queue.push(4) }
    }
}
