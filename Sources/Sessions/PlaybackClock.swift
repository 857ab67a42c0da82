/// How much of the last reply the user has heard.
///
/// Clients in the field do not report it: they are assumed to play from the moment that audio was sent, without a pause.
/// A client that sends `played` is believed instead.
struct PlaybackClock: Sendable, Equatable {
    private(set) var itemID: String?
    private var startedAtMs = 0
    private var sentMs = 0
    private var reportedMs: Int?
    private var pausedAtMs: Int?

    /// Audio of an item was sent.
    ///
    /// - Parameter now: milliseconds of the session's clock.
    mutating func sent(_ milliseconds: Int, of itemID: String, now: Int) {
        if self.itemID != itemID {
            self = PlaybackClock()
            self.itemID = itemID
            self.startedAtMs = now
        } else if now > self.startedAtMs + self.sentMs {
            // It ran dry and waits: what comes now starts now.
            self.startedAtMs = now - self.sentMs
        }
        self.sentMs += milliseconds
    }

    mutating func reported(_ milliseconds: Int) {
        self.reportedMs = milliseconds
    }

    /// The client holds its breath.
    mutating func pause(now: Int) {
        self.pausedAtMs = self.pausedAtMs ?? now
    }

    mutating func resume(now: Int) {
        if let pausedAt = self.pausedAtMs { self.startedAtMs += now - pausedAt }
        self.pausedAtMs = nil
    }

    mutating func stop() {
        self = PlaybackClock()
    }

    /// A client that was away goes on there: what comes after it is sent again.
    mutating func rewind(to milliseconds: Int, of itemID: String, now: Int) {
        self = PlaybackClock()
        self.itemID = itemID
        self.startedAtMs = now - milliseconds
        self.sentMs = milliseconds
    }

    /// Heard without doubt: clients that report nothing are given a second's credit.
    func surelyHeardMs(now: Int) -> Int {
        self.reportedMs.map { min($0, self.sentMs) } ?? max(0, self.heardMs(now: now) - 1_000)
    }

    /// Heard so far, never more than was sent.
    func heardMs(now: Int) -> Int {
        min(self.sentMs, self.reportedMs ?? max(0, (self.pausedAtMs ?? now) - self.startedAtMs))
    }

    /// Sent and not heard yet.
    func aheadMs(now: Int) -> Int {
        self.sentMs - self.heardMs(now: now)
    }

    func isPlaying(now: Int) -> Bool {
        self.itemID != nil && self.heardMs(now: now) < self.sentMs
    }
}
