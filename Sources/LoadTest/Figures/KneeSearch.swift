/// Looks for the knee: the largest number of users for which all objectives are kept. It climbs in eight even steps, and
/// halves the step that failed until the knee is known to a 64th of the climb.
public struct KneeSearch: Sendable, Equatable {
    private static let steps = 8
    private static let halvings = 3
    /// No search tries more numbers of users.
    public static let mostLevels = steps + halvings

    private let maxUsers: Int
    /// The largest number that was passed, and the smallest that was not.
    private var passed = 0
    private var failed: Int?
    private var halved = 0

    init(maxUsers: Int) {
        precondition(maxUsers > 0, "a search needs users")
        self.maxUsers = maxUsers
    }

    /// nil while no number of users was passed.
    var knee: Int? { self.passed > 0 ? self.passed : nil }

    /// How many users to try next; nil when the search is over.
    var level: Int? {
        guard let failed = self.failed else {
            guard self.passed < self.maxUsers else { return nil }
            let step = self.passed * Self.steps / self.maxUsers + 1
            return max(self.passed + 1, self.maxUsers * step / Self.steps)
        }
        guard self.halved < Self.halvings, failed - self.passed > 1 else { return nil }
        return self.passed + (failed - self.passed) / 2
    }

    /// What came of the level.
    mutating func tried(passed: Bool) {
        guard let level = self.level else { return }
        if self.failed != nil { self.halved += 1 }
        if passed { self.passed = level } else { self.failed = level }
    }
}
