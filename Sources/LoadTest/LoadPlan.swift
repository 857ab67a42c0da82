/// What a load test does.
public struct LoadPlan: Sendable, Equatable {
    public var users: Int
    /// New users a second.
    public var rampPerSecond: Int
    /// How long is measured once all users are there.
    public var duration: Duration
    public var mix: DialectMix
    public var behaviour: Behaviour
    /// Ids or aliases; users take them in turn.
    public var personas: [String]
    /// The same seed gives the same users.
    public var seed: UInt64
    /// Audio in one message of a microphone, 20 or 40 ms; nil for what is usual in a dialect.
    public var chunkMilliseconds: Int?
    /// Between the last user's connection and the first figure.
    public var settling: Duration = .seconds(2)

    public init(
        users: Int, rampPerSecond: Int = 50, duration: Duration = .seconds(20),
        mix: DialectMix = DialectMix([.init(.json, weight: 1)]), behaviour: Behaviour = Behaviour(),
        personas: [String] = ["mohit_vedic_marriage"], seed: UInt64 = 1
    ) {
        precondition(users > 0 && rampPerSecond > 0 && !personas.isEmpty, "a plan needs users, a ramp and personas")
        self.users = users
        self.rampPerSecond = rampPerSecond
        self.duration = duration
        self.mix = mix
        self.behaviour = behaviour
        self.personas = personas
        self.seed = seed
    }

    /// How long a run of the plan takes where nothing is searched for.
    public var length: Duration {
        .seconds(Double(self.users) / Double(self.rampPerSecond)) + self.settling + self.duration
    }
}

/// What users do besides being there. Rates are for each user and minute.
public struct Behaviour: Sendable, Equatable {
    /// Of the time, from above 0 to 1.
    public var talkShare: Double
    public var bargeInsPerMinute: Double
    public var switchesPerMinute: Double
    /// Lost connections; each is followed by another connection of the same user.
    public var dropsPerMinute: Double

    public init(
        talkShare: Double = 1, bargeInsPerMinute: Double = 0, switchesPerMinute: Double = 0, dropsPerMinute: Double = 0
    ) {
        self.talkShare = talkShare
        self.bargeInsPerMinute = bargeInsPerMinute
        self.switchesPerMinute = switchesPerMinute
        self.dropsPerMinute = dropsPerMinute
    }
}
