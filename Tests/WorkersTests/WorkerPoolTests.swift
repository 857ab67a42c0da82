import Foundation
import Observability
import Testing

@testable import Workers

/// With a real helper process, `worker-double`, which lies beside the test program.
@Suite(.serialized) struct WorkerPoolTests {
    private static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "worker-double").path

    private func pool(
        executable: String = Self.executable, size: Int = 1, queueLimit: Int = 8, timeout: Duration = .seconds(20),
        maxResponseBytes: Int = 8 << 20
    ) -> WorkerPool {
        WorkerPool(
            .init(
                executable: executable, size: size, queueLimit: queueLimit, callTimeout: timeout,
                maxResponseBytes: maxResponseBytes),
            name: "double", log: .disabled, metrics: MetricsRegistry())
    }

    private func answer(_ pool: WorkerPool, _ request: String) async throws -> [String] {
        try await pool.call(Array(request.utf8)).reduce(into: []) { $0.append(String(decoding: $1, as: UTF8.self)) }
    }

    private func code(_ pool: WorkerPool, _ request: String) async -> WorkerError.Code? {
        do {
            _ = try await self.answer(pool, request)
            return nil
        } catch {
            return (error as? WorkerError)?.code
        }
    }

    /// Kinds of descriptors that nothing else in a test run opens by the dozen.
    private var eventDescriptors: Int {
        (0..<4_096).count { fd in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(fd)"))
                == "anon_inode:[eventfd]"
        }
    }

    @Test func `an answer comes in chunks and in order`() async throws {
        let pool = self.pool()
        #expect(try await self.answer(pool, "count 200") == (0..<200).map(String.init))
        await pool.shutdown()
    }

    @Test func `a helper's own error is told in its own words`() async throws {
        let pool = self.pool()
        await #expect(throws: WorkerError(.failed, "not today")) { try await self.answer(pool, "refuse") }
        #expect(try await self.answer(pool, "echo still here") == ["still here"])
        await pool.shutdown()
    }

    @Test func `a crash costs one call and the next succeeds`() async throws {
        let pool = self.pool()
        #expect(await self.code(pool, "crash") == .crashed)
        #expect(try await self.answer(pool, "echo again") == ["again"])
        await pool.shutdown()
    }

    @Test func `killing a worker during a call costs that call`() async throws {
        let pool = self.pool()
        var chunks = 0
        do {
            for try await _ in pool.call(Array("forever".utf8)) {
                chunks += 1
                if chunks == 1 { for processID in pool.processIDs { kill(processID, SIGKILL) } }
            }
            Issue.record("a killed helper has no end")
        } catch {
            #expect((error as? WorkerError)?.code == .crashed)
        }
        #expect(try await self.answer(pool, "echo again") == ["again"])
        await pool.shutdown()
    }

    @Test func `a stuck worker is killed at its timeout`() async throws {
        let pool = self.pool(timeout: .milliseconds(300))
        #expect(await self.code(pool, "hang") == .timeout)
        #expect(try await self.answer(pool, "echo again") == ["again"])
        await pool.shutdown()
    }

    @Test func `an answer that never ends is cut at its limit`() async throws {
        let pool = self.pool()
        #expect(await self.code(pool, "flood") == .tooLarge)
        await pool.shutdown()
    }

    @Test func `a full queue refuses`() async throws {
        let pool = self.pool(queueLimit: 1)
        let running = pool.call(Array("forever".utf8))
        var iterator = running.makeAsyncIterator()
        _ = try await iterator.next()
        let waiting = pool.call(Array("echo waited".utf8))
        #expect(await self.code(pool, "echo refused") == .busy)
        await pool.shutdown()
        await #expect(throws: WorkerError.self) { for try await _ in waiting {} }
    }

    @Test func `ending the iteration cancels the call in the helper, which goes on living`() async throws {
        let pool = self.pool()
        for try await _ in pool.call(Array("forever".utf8)) { break }
        #expect(try await self.answer(pool, "echo free") == ["free"])
        #expect(pool.processIDs.count == 1)
        await pool.shutdown()
    }

    @Test(arguments: ["socket", "write", "read", "fork"]) func `the sandbox forbids`(attempt: String) async throws {
        let pool = self.pool()
        #expect(try await self.answer(pool, attempt) == ["errno \(EPERM)"])
        await pool.shutdown()
    }

    @Test func `a program that does not exist makes calls fail at once`() async throws {
        let pool = self.pool(executable: "/nonexistent/helper", size: 2)
        #expect(await self.code(pool, "echo") == .unavailable)
        await pool.shutdown()
    }

    @Test func `a program that is no helper makes calls fail`() async throws {
        let pool = self.pool(executable: "/bin/true")
        #expect(await self.code(pool, "echo") == .unavailable)
        await pool.shutdown()
    }

    @Test func `after shutdown no process and no descriptor is left`() async throws {
        let before = self.eventDescriptors
        for _ in 0..<10 {
            let pool = self.pool(size: 3)
            _ = try await self.answer(pool, "echo up")
            let processIDs = pool.processIDs
            #expect(!processIDs.isEmpty)
            await pool.shutdown()
            // The owner of a process closes its socket where it reaps it.
            #expect(processIDs.allSatisfy { kill($0, 0) == -1 && errno == ESRCH })
            #expect(await self.code(pool, "echo") == .shutDown)
        }
        #expect(self.eventDescriptors - before < 20)
    }
}
