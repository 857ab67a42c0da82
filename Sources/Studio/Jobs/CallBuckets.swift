/// How many calls of a model may be made a minute, for all and for each user. A minute's worth may be made at once.
struct CallBuckets: Sendable, Equatable {
    private struct Bucket: Sendable, Equatable {
        var calls: Double
        var asOf: Double

        /// - Parameter rate: calls a second.
        mutating func refill(_ limit: Int, _ now: Double) {
            self.calls = min(Double(limit), self.calls + max(0, now - self.asOf) * Double(limit) / 60)
            self.asOf = now
        }
    }

    // Users whose bucket is full again are forgotten beyond so many.
    private static let maxUsers = 4_096
    private let perMinute: Int?
    private let perUser: Int?
    private var all: Bucket
    private var users: [String: Bucket] = [:]

    /// - Parameters: nil for any number.
    init(perMinute: Int?, perUser: Int?) {
        self.perMinute = perMinute
        self.perUser = perUser
        self.all = Bucket(calls: Double(perMinute ?? 0), asOf: 0)
    }

    var userCount: Int { self.users.count }

    /// Takes a call, or takes nothing.
    ///
    /// - Parameter now: seconds.
    /// - Returns: the seconds after which to ask again; nil where the call may be made.
    mutating func take(_ user: String?, at now: Double) -> Double? {
        var wait = 0.0
        if let limit = self.perMinute {
            self.all.refill(limit, now)
            wait = max(wait, (1 - self.all.calls) * 60 / Double(limit))
        }
        if let limit = self.perUser, let user {
            self.forgetUsers(limit, now)
            self.users[user, default: Bucket(calls: Double(limit), asOf: now)].refill(limit, now)
            wait = max(wait, (1 - (self.users[user]?.calls ?? 1)) * 60 / Double(limit))
        }
        guard wait <= 0 else { return wait }
        self.all.calls -= 1
        if let user { self.users[user]?.calls -= 1 }
        return nil
    }

    private mutating func forgetUsers(_ limit: Int, _ now: Double) {
        guard self.users.count >= Self.maxUsers else { return }
        self.users = self.users.filter { _, bucket in
            var bucket = bucket
            bucket.refill(limit, now)
            return bucket.calls < Double(limit)
        }
    }
}
