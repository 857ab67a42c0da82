import RealtimeProtocol

/// Ends responses of servers that forget to.
///
/// After an item is complete and nothing more of its response comes, the response is taken to be over.
struct ResponseWatch: Sendable, Equatable {
    enum Verdict: Sendable, Equatable {
        case nothing
        /// Call `expired` after the dialect's time, unless another verdict comes before.
        case wait
        case stopWaiting
    }

    private var pending: String?

    mutating func heard(_ event: RealtimeServerEvent) -> Verdict {
        switch event {
        case .outputItemDone(let responseID, _):
            self.pending = responseID
            return .wait
        case .responseCreated, .outputItemAdded, .audioDelta, .transcriptDelta, .textDelta, .responseDone:
            guard self.pending != nil else { return .nothing }
            self.pending = nil
            return .stopWaiting
        default: return .nothing
        }
    }

    /// The end that the server did not tell.
    mutating func expired() -> RealtimeServerEvent? {
        defer { self.pending = nil }
        return self.pending.map { .responseDone(ResponseSummary(id: $0, status: .completed)) }
    }
}
