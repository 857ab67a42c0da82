/// How a client finds its session again, as the session itself keeps it.
struct ResumptionState: Sendable {
    /// Whether there is a connection.
    private(set) var isConnected = true
    /// The connection whose words count; nil for the one that the session was made for.
    private(set) var connection: ConnectionNumber?
    /// The tokens in force: the newest, and the one before it until the next, because the newest may have been lost on its
    /// way.
    private(set) var tokens: [String] = []
    /// nil where nobody may come back.
    var outbox: SessionOutbox?
    /// Ends the wait for the client.
    var alarm: (any SessionAlarm)?

    mutating func disconnect() {
        self.isConnected = false
    }

    mutating func connect(_ connection: ConnectionNumber) {
        self.isConnected = true
        self.connection = connection
    }

    mutating func issueToken(at desk: ResumeDesk, for session: VoiceSession) {
        self.tokens.append(desk.issue(for: session))
        if self.tokens.count > 2 { desk.revoke(self.tokens.removeFirst()) }
    }

    /// - Returns: false where a token was taken: the client is on the way.
    @discardableResult
    mutating func revokeTokens(at desk: ResumeDesk?) -> Bool {
        defer { self.tokens = [] }
        return self.tokens.map { desk?.revoke($0) ?? false }.allSatisfy { $0 }
    }
}
