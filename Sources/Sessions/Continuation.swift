import ClientProtocol
import Synchronization

/// A conversation that was taken up again, as the session sees it that its client came back to.
///
/// The conversation stays where it was, with its model and its event loop; what the client sends is handed on. That costs
/// a call where both live on one loop, and a copy and a hop where they do not.
final class Continuation: Sendable {
    /// What may be on its way to another loop at one time. More means that the loop stands still.
    private static let maxBytesInFlight = 8 << 20

    let session: VoiceSession
    let connection: ConnectionNumber
    private let isHere: Bool
    private let bytesInFlight = Atomic<Int>(0)

    /// - Parameter executor: where the client's connection lives.
    init(_ session: VoiceSession, connection: ConnectionNumber, from executor: any SessionExecutor) {
        self.session = session
        self.connection = connection
        self.isHere = executor === session.executor
    }

    /// Does something to the conversation, in order.
    func perform(_ work: @escaping @Sendable (isolated VoiceSession) -> Void) {
        let session = self.session
        guard self.isHere else { return session.executor.execute { session.assumeIsolated(work) } }
        session.assumeIsolated(work)
    }

    /// Hands on a frame that is borrowed for the call.
    ///
    /// - Returns: false where too much is on its way already.
    func pass(
        _ frame: UnsafeRawBufferPointer,
        _ take: @escaping @Sendable (isolated VoiceSession, UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        let session = self.session
        guard !self.isHere else {
            // Lent for this call, which stays on the loop.
            nonisolated(unsafe) let frame = frame
            session.assumeIsolated { take($0, frame) }
            return true
        }
        guard self.bytesInFlight.load(ordering: .relaxed) + frame.count <= Self.maxBytesInFlight else { return false }
        self.bytesInFlight.add(frame.count, ordering: .relaxed)
        let copy = Array(frame)
        session.executor.execute { [self] in
            self.bytesInFlight.subtract(copy.count, ordering: .relaxed)
            session.assumeIsolated { session in copy.withUnsafeBytes { take(session, $0) } }
        }
        return true
    }
}

/// Tells one connection of a session from the next. Unique among those that are open.
struct ConnectionNumber: Sendable, Hashable {
    private let owner: ObjectIdentifier

    /// The connection that a session was made for.
    init(of session: VoiceSession) {
        self.owner = ObjectIdentifier(session)
    }
}
