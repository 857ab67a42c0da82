/// `index.json`: every interview of a user, and which is the latest, without a look into their files.
struct InterviewIndex: Sendable, Codable, Equatable {
    static let fileName = "index.json"

    struct Entry: Sendable, Codable, Equatable {
        var sessionId: InterviewID
        var status: InterviewSession.Status
        var createdAt: Timestamp
        var updatedAt: Timestamp
        var answers: Int
    }

    private(set) var latest: InterviewID?
    /// In the order of time.
    private(set) var sessions: [Entry] = []

    func entry(_ id: InterviewID) -> Entry? { self.sessions.first { $0.sessionId == id } }

    mutating func put(_ session: InterviewSession) {
        self.sessions.removeAll { $0.sessionId == session.sessionId }
        self.sessions.append(
            Entry(
                sessionId: session.sessionId, status: session.status, createdAt: session.createdAt,
                updatedAt: session.updatedAt, answers: session.answers.count))
        self.sessions.sort { $0.sessionId < $1.sessionId }
        self.latest = self.sessions.last?.sessionId
    }
}
