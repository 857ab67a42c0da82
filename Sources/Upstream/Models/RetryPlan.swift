import LanguageModels

/// Whether a call that failed is tried again, and when.
struct RetryPlan: Sendable, Equatable {
    var maxRetries = 2
    /// Doubled with each try.
    var firstPause: Duration = .milliseconds(400)
    var longestPause: Duration = .seconds(8)
    /// Who asks for a longer wait gets no second try: the caller hears how long instead.
    var longestWish: Duration = .seconds(10)

    /// How long to wait; nil to give up.
    ///
    /// - Parameters:
    ///   - retries: how many there were.
    ///   - left: time for everything that follows.
    ///   - random: 0…1, so that callers who failed together do not come back together.
    func pause(after error: LanguageModelError, retries: Int, left: Duration, random: Double) -> Duration? {
        guard error.isRetriable, retries < self.maxRetries else { return nil }
        let usual = min(self.longestPause, self.firstPause * (1 << min(retries, 10)))
        var pause = usual * (0.5 + random / 2)
        if let wish = error.retryAfter {
            guard wish <= self.longestWish else { return nil }
            pause = max(pause, wish)
        }
        return pause < left ? pause : nil
    }
}
