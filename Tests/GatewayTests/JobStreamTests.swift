import Foundation
import JSON
import Synchronization
import Testing

@testable import Gateway
@testable import Studio

/// Lets so many waits end at once; the others last until they are cancelled.
private final class ImpatientClock: Sendable {
    private struct State {
        var left: Int
        var asked: [Duration] = []
    }

    private let state: Mutex<State>

    init(waits: Int) { self.state = Mutex(State(left: waits)) }

    var asked: [Duration] { self.state.withLock { $0.asked } }

    var clock: StudioClock {
        StudioClock(seconds: { 0 }) { duration in
            let isOver = self.state.withLock { state in
                state.asked.append(duration)
                state.left -= 1
                return state.left >= 0
            }
            guard !isOver else { return }
            try await Task.sleep(for: .seconds(3_600))
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct JobStreamTests {
    private func job() -> PromptJob {
        PromptJob(
            id: PromptJob.newID(), owner: "tara", templateID: RecordID.new("tpl"),
            items: [PromptJob.Item(personaID: "p", modes: [.assess])], createdAt: .now)
    }

    /// What a client is told of a job that ends after the client has been told `pause` texts.
    private func told(
        _ stream: JobStream, endingAfter pause: Int, from start: Int = 0
    ) async throws -> [String] {
        var job = self.job()
        let feed = JobFeed(job)
        job.finish(templateData: .null, at: .now, lifetime: 1)
        let over = job
        let texts = Mutex<[String]>([])
        try await stream.tell(feed, after: start) { piece in
            let count = texts.withLock { texts in
                texts.append(String(decoding: piece, as: UTF8.self))
                return texts.count
            }
            if count == pause { feed.publish(over) }
        }
        return texts.withLock { $0 }
    }

    @Test func `S3-21: a comment shows that a quiet stream lives, after 15 s of silence`() async throws {
        let clock = ImpatientClock(waits: 2)
        let texts = try await self.told(JobStream(clock: clock.clock), endingAfter: 3)
        #expect(texts.count == 4 && texts[1...2] == [": keep-alive\n\n", ": keep-alive\n\n"])
        #expect(texts[0].hasPrefix("id: 1\ndata: {") && texts[3].hasPrefix("id: 2\ndata: {"))
        #expect(clock.asked.prefix(2) == [.seconds(15), .seconds(15)])
    }

    @Test func `S3-21: where something happens no comment comes`() async throws {
        let clock = ImpatientClock(waits: 0)
        let texts = try await self.told(JobStream(keepAlive: .seconds(1), clock: clock.clock), endingAfter: 1)
        #expect(!texts.contains { $0.hasPrefix(":") } && texts.joined().contains("\"type\":\"results\""))
    }

    @Test func `S3-20: who has seen the beginning is told the rest`() async throws {
        let clock = ImpatientClock(waits: 1)
        let texts = try await self.told(JobStream(clock: clock.clock), endingAfter: 1, from: 1)
        #expect(texts.first == ": keep-alive\n\n" && texts.last?.hasPrefix("id: 2\n") == true)
    }

    private func pieces(_ events: [JSONValue], after seen: Int) async throws -> [[UInt8]] {
        let pieces = Mutex<[[UInt8]]>([])
        try await JobStream.tell(events.map(\.encoded), after: seen) { piece in pieces.withLock { $0.append(piece) } }
        return pieces.withLock { $0 }
    }

    @Test func `S3-12 S3-18: an event is a number and one line of JSON, without a name`() async throws {
        let pieces = try await self.pieces([["type": "a\nb"], ["type": "results"]], after: 4)
        #expect(
            pieces.map { String(decoding: $0, as: UTF8.self) }
                == ["id: 5\ndata: {\"type\":\"a\\nb\"}\n\nid: 6\ndata: {\"type\":\"results\"}\n\n"])
    }

    @Test(arguments: [1, 32_700, 32_740, 32_749, 32_750, 32_768, 100_000])
    func `a large event goes out in pieces, of which a slow reader holds one`(length: Int) async throws {
        let large: JSONValue = ["a": .string(String(repeating: "x", count: length))]
        let pieces = try await self.pieces([large, large, ["b": 1]], after: 0)
        #expect(pieces.allSatisfy { (1...(32 << 10) + 32).contains($0.count) })
        #expect(
            String(decoding: pieces.flatMap { $0 }, as: UTF8.self)
                == "id: 1\ndata: \(large.text)\n\nid: 2\ndata: \(large.text)\n\nid: 3\ndata: {\"b\":1}\n\n")
    }
}
