import Studio

/// Tells one client what happens in a job, as server-sent events (WHATWG HTML 9.2).
public struct JobStream: Sendable {
    // A client that takes nothing costs about so much memory, however large an event is.
    private static let pieceBytes = 32 << 10
    private static let comment = Array(": keep-alive\n\n".utf8)

    /// Proxies close connections on which nothing comes for a while.
    private let keepAlive: Duration
    private let clock: StudioClock

    /// - Parameter keepAlive: silence after which a comment shows that the stream lives.
    public init(keepAlive: Duration = .seconds(15), clock: StudioClock = .system) {
        self.keepAlive = keepAlive
        self.clock = clock
    }

    /// Returns when the job is over and everything has been told.
    ///
    /// - Parameters:
    ///   - start: events that the client has seen.
    ///   - write: hands a piece to the client, and waits while it reads slowly.
    func tell(
        _ feed: JobFeed, after start: Int, _ write: @Sendable ([UInt8]) async throws -> Void
    ) async throws {
        var seen = start
        while true {
            let part = feed.part(after: seen)
            try await Self.tell(part.encoded, after: seen, write)
            seen += part.encoded.count
            if part.isOver { return }
            if await !self.waitForNews(feed, after: seen) { try await write(Self.comment) }
            try Task.checkCancellation()
        }
    }

    /// JSON has no line breaks of its own, so that an event is one line. Small events go out together, large ones in pieces.
    static func tell(
        _ events: [[UInt8]], after seen: Int, _ write: @Sendable ([UInt8]) async throws -> Void
    ) async throws {
        var waiting: [UInt8] = []
        for (index, event) in events.enumerated() {
            waiting += "id: \(seen + index + 1)\ndata: ".utf8
            var rest = event[...]
            while waiting.count + rest.count > Self.pieceBytes {
                let head = rest.prefix(max(0, Self.pieceBytes - waiting.count))
                try await write(waiting + head)
                rest = rest.dropFirst(head.count)
                waiting = []
            }
            waiting += rest
            waiting += "\n\n".utf8
        }
        if !waiting.isEmpty { try await write(waiting) }
    }

    /// - Returns: false where there was none for so long that a sign of life is due.
    private func waitForNews(_ feed: JobFeed, after seen: Int) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await feed.wait(after: seen)
                return true
            }
            group.addTask {
                try? await self.clock.sleep(self.keepAlive)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }
}
