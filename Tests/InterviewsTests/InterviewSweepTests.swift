import Foundation
import Observability
import Testing

@testable import Interviews

struct InterviewSweepTests {
    /// One turn for each sweep that is to follow the first.
    private func sleeping() -> (turns: AsyncStream<Void>.Continuation, sleep: @Sendable (Duration) async throws -> Void)
    {
        let (stream, turns) = AsyncStream.makeStream(of: Void.self)
        return (
            turns,
            { interval in
                #expect(interval == .seconds(86_400))
                for await _ in stream { return }
                throw CancellationError()
            }
        )
    }

    @Test func `S2-59 what nobody answered is put away without anybody coming back`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service()
            let (old, other) = (try await service.start("tara").session, try await service.start("ravi").session)
            let (turns, sleep) = self.sleeping()
            let sweep = InterviewSweep(service, log: .disabled, sleep: sleep)
            folder.advance(days: 20)
            _ = try await service.answer("ravi", other.sessionId, Said.values)
            folder.advance(days: 11)
            turns.yield()
            turns.finish()
            await sweep.finished()
            #expect(folder.json("persona/interviews/archive/\(old.sessionId)-session.json")?["status"] == "aborted")
            #expect(try await service.active("tara") == nil)
            #expect(try await service.active("ravi")?.session.sessionId == other.sessionId)
        }
    }

    @Test func `a profile that cannot be read keeps no other from being swept`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service()
            try folder.write("persona/interviews", "a file where a folder should be", of: "asha")
            let old = try await service.start("tara").session
            folder.advance(days: 31)
            let (turns, sleep) = self.sleeping()
            turns.finish()
            await InterviewSweep(service, log: .disabled, sleep: sleep).finished()
            #expect(folder.json("persona/interviews/archive/\(old.sessionId)-session.json")?["status"] == "aborted")
        }
    }

    @Test func `a sweep that is stopped has ended`() async throws {
        try await InterviewFolder.run { folder in
            let sweep = InterviewSweep(folder.service(), log: .disabled)
            await sweep.stop()
            await sweep.finished()
        }
    }
}
