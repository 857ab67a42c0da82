import ClientProtocol

/// Where the time of the turn in hand goes. All times in milliseconds of the session.
struct TurnTiming: Sendable, Equatable {
    private(set) var turnID = ""
    private var endedAt: Int?
    private var askedAt: Int?
    private var answeredAt: Int?
    private var lastNumber = 0

    /// The user's turn is over, as the client says it or the model hears it.
    ///
    /// - Parameter id: the client's name for the turn.
    mutating func ended(_ id: String?, now: Int) {
        self.lastNumber += 1
        self.turnID = id ?? "turn_\(self.lastNumber)"
        self.endedAt = now
        self.askedAt = nil
        self.answeredAt = nil
    }

    mutating func asked(now: Int) {
        if self.endedAt != nil { self.askedAt = now }
    }

    /// The first audio of the answer came from the model.
    mutating func answered(now: Int) {
        if self.askedAt != nil { self.answeredAt = now }
    }

    /// The first audio of the answer went to the client.
    ///
    /// - Returns: nil where the turn was told of already, or was none of the user's.
    mutating func sent(now: Int) -> TurnMetrics? {
        guard let ended = self.endedAt, let asked = self.askedAt, let answered = self.answeredAt else { return nil }
        self.endedAt = nil
        return TurnMetrics(
            turnID: self.turnID, endpointMs: asked - ended, upstreamFirstMs: answered - asked,
            gatewayMs: now - answered)
    }
}
