import Foundation

/// How far something is that takes its time.
struct Maturity: Sendable, Equatable {
    var begunAt: Date
    /// Seconds that it takes.
    var lag: Double
    /// The status that somebody gave it; time changes it no more.
    var pinned: String?
    /// Why it failed, in the provider's words or codes.
    var failure: String?

    /// From 0 to 1.
    func progress(at now: Date) -> Double {
        guard self.lag > 0 else { return 1 }
        return min(1, max(0, now.timeIntervalSince(self.begunAt) / self.lag))
    }

    func percent(at now: Date) -> Int { Int(self.progress(at: now) * 100) }

    /// The first word where there is no progress worth telling, the last when it is done.
    func status(at now: Date, _ words: [String]) -> String {
        if let pinned { return pinned }
        let step = Int(self.progress(at: now) * Double(words.count - 1))
        return words[min(step, words.count - 1)]
    }
}
