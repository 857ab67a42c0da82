import Foundation
import Observability
import Sessions
import Studio

/// Writes down who talked with whom, after the fact and one after the other: no session waits for it.
public final class VisitJournal: Sendable {
    // Sessions that end at once when a server drains, and then some; what is over is not counted.
    private static let capacity = 4_096

    private let continuation: AsyncStream<[Visit]>.Continuation
    private let writing: Task<Void, Never>
    private let log: Log

    public init(_ store: any UsageStore, log: Log) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: [Visit].self, bufferingPolicy: .bufferingOldest(Self.capacity))
        self.continuation = continuation
        self.log = log
        self.writing = Task {
            for await visits in stream {
                do throws(StoreError) {
                    try await store.record(visits)
                } catch {
                    log.warning("visits not kept", [.count: .integer(visits.count), .reason: .text(error.description)])
                }
            }
        }
    }

    /// Takes the visits of a session that is over.
    public func add(_ identity: SessionIdentity, _ visits: [PersonaVisit]) {
        let end = visits.map(\.endedMs).max() ?? 0
        let openedAt = Date.now - Double(end) / 1_000
        let result = self.continuation.yield(
            visits.map { visit in
                Visit(
                    sessionID: identity.id, user: identity.user, personaID: visit.persona,
                    startedAt: openedAt + Double(visit.beganMs) / 1_000, durationMs: visit.endedMs - visit.beganMs,
                    turns: visit.turns, isCompleted: visit.turns > 0 && !visit.isBroken)
            })
        if case .dropped = result {
            self.log.warning("visits not kept", [.count: .integer(visits.count), .reason: "too many wait"])
        }
    }

    /// Returns once what was added is written.
    public func close() async {
        self.continuation.finish()
        await self.writing.value
    }
}
