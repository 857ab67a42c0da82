/// How often a provider is asked, and when that is enough.
public struct SyncPace: Sendable, Equatable {
    /// From the moment when the provider has taken a persona to the first look at how far it is; then twice as long each
    /// time, up to `longestPoll`.
    public var firstPoll = Duration.seconds(2)
    public var longestPoll = Duration.seconds(30)
    /// Looks after which a persona that is not ready has failed.
    public var polls = 20
    /// Attempts after which what the provider does not take has failed.
    public var attempts = 5
    /// Between two looks for work that nobody told of; also the longest pause before the next attempt.
    public var sweep = Duration.seconds(60)
    /// The longest that a provider's `Retry-After` is believed.
    public var longestPause = Duration.seconds(3_600)
    /// As long as one request to the provider may take.
    public var callTimeout = Duration.seconds(10)

    public init() {}

    /// For how long a job is kept from others while somebody works on it. Whoever dies meanwhile may have a request under
    /// way that the provider has yet to carry out: the job is taken up again when that is over.
    var hold: Duration { self.callTimeout * 3 + .seconds(1) }

    /// After a request was given up as too slow, until the provider is done with it as well: looked for any sooner, what it
    /// is about to make would not be found, and be made twice.
    var aftermath: Duration { self.hold - self.callTimeout }

    /// Before the look of that number, from 1.
    func poll(_ number: Int) -> Duration { min(Self.doubled(self.firstPoll, number - 1), self.longestPoll) }

    /// As long as all looks together take that are made by themselves. Who wants to see the latest makes more of them.
    var patience: Duration { (1...max(1, self.polls)).reduce(.zero) { $0 + self.poll($1) } }

    /// Before the attempt that follows the one of that number, from 1.
    ///
    /// - Parameter dice: 0 to 1, so that those who failed together do not come back together.
    func pause(after number: Int, dice: Double) -> Duration {
        min(Self.doubled(self.firstPoll, number - 1), self.sweep) * (1 + dice / 4)
    }

    /// Before an attempt that needs a slot or money to be there first.
    func longPause(dice: Double) -> Duration { self.sweep * (1 + dice / 4) }

    private static func doubled(_ duration: Duration, _ times: Int) -> Duration {
        duration * Double(1 << min(max(times, 0), 20))
    }
}
