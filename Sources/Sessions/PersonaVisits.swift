/// Who a session talked with, one after the other, and for how long.
public struct PersonaVisit: Sendable, Equatable {
    public var persona: String
    /// Milliseconds of the session.
    public var beganMs: Int
    public var endedMs: Int
    /// What the user said, in turns.
    public var turns: Int
    /// It ended because something failed, or was cut off.
    public var isBroken = false
}

/// The visits of one session, as they happen.
struct PersonaVisits: Sendable, Equatable {
    // Who switches more often than this is not practising.
    private static let capacity = 64

    private var closed: [PersonaVisit] = []
    private var current: PersonaVisit?
    /// Turns before the present visit.
    private var turnsBefore = 0

    /// Notes who is talked with now.
    ///
    /// - Parameter turns: what the user has said in the whole session.
    mutating func observe(_ persona: String?, turns: Int, nowMs: Int) {
        guard persona != self.current?.persona else { return }
        self.close(turns: turns, nowMs: nowMs)
        self.turnsBefore = turns
        self.current = persona.map { PersonaVisit(persona: $0, beganMs: nowMs, endedMs: nowMs, turns: 0) }
    }

    /// Every visit, once the session is over.
    mutating func finish(turns: Int, nowMs: Int, isBroken: Bool) -> [PersonaVisit] {
        self.current?.isBroken = isBroken
        self.close(turns: turns, nowMs: nowMs)
        defer { self = PersonaVisits() }
        return self.closed
    }

    private mutating func close(turns: Int, nowMs: Int) {
        guard var visit = self.current else { return }
        visit.endedMs = nowMs
        visit.turns = turns - self.turnsBefore
        if self.closed.count < Self.capacity { self.closed.append(visit) }
        self.current = nil
    }
}
