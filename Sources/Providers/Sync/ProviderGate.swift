import Foundation

/// Stops asking a provider that does not answer, and finds out when it does again, with one request at a time.
///
/// A value: what happens goes in with the time. It shuts at once where the provider is out of reach or wants to be left
/// alone, else after some failures in a row. After a pause one request is let through, and what comes of it opens the gate
/// or shuts it for longer.
struct ProviderGate: Sendable, Equatable {
    private enum State: Sendable, Equatable {
        case open
        case shut(until: Date)
        /// The one request that decides is under way.
        case probing(since: Date)
    }

    /// One that fails by itself should not hold up the others.
    private static let patience = 3

    private let pace: SyncPace
    private var state = State.open
    /// In a row, while the gate was open.
    private var failures = 0
    /// Pauses in a row.
    private var pauses = 0

    init(_ pace: SyncPace = SyncPace()) {
        self.pace = pace
    }

    var isOpen: Bool { self.state == .open }

    /// When to come back; nil where a request may be made now.
    func pause(now: Date) -> Date? {
        switch self.state {
        case .open: nil
        case .shut(let until): until > now ? until : nil
        // A probe whose end nobody told of must not hold the gate shut for ever.
        case .probing(let since): since + self.pace.hold > now ? since + self.pace.hold : nil
        }
    }

    /// Lets a request through, whose end has to be told.
    ///
    /// - Returns: false where somebody else was faster.
    mutating func enter(now: Date) -> Bool {
        guard self.pause(now: now) == nil else { return false }
        if self.state != .open { self.state = .probing(since: now) }
        return true
    }

    /// The provider has answered, whatever that was.
    mutating func answered() {
        self.state = .open
        self.failures = 0
        self.pauses = 0
    }

    mutating func failed(_ error: ProviderError, now: Date, dice: Double) {
        switch error.disposition {
        case .never, .retryLater: self.answered()
        case .retry(let after): self.count(error.isUnsent || after != nil, after ?? .zero, now, dice)
        case .unknownOutcome: self.count(false, .zero, now, dice)
        }
    }

    private mutating func count(_ isDecisive: Bool, _ asked: Duration, _ now: Date, _ dice: Double) {
        self.failures += 1
        guard isDecisive || self.state != .open || self.failures >= Self.patience else { return }
        self.pauses += 1
        let pause = self.pace.poll(self.pauses) * (1 + dice / 4)
        self.state = .shut(until: now + max(pause, min(asked, self.pace.longestPause)))
    }

    /// The request was given up before its end was known.
    mutating func left(now: Date) {
        if case .probing = self.state { self.state = .shut(until: now) }
    }
}
