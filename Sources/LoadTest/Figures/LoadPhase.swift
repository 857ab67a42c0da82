/// What was measured at one number of users.
public struct LoadPhase: Sendable, Equatable {
    /// Of one process, while it was measured.
    public struct Cost: Sendable, Equatable {
        public var cpuSeconds: Double
        /// More than before the first user.
        public var addedBytes: Int

        public init(cpuSeconds: Double, addedBytes: Int) {
            self.cpuSeconds = cpuSeconds
            self.addedBytes = addedBytes
        }
    }

    /// How many there should have been.
    public var users: Int
    /// How many were there at the end.
    public var connected: Int
    public var seconds: Double
    /// Of all users.
    public var figures: LoadFigures
    /// Of the users of each dialect.
    public var dialects: [LoadDialect: LoadFigures]
    /// nil if nobody said which process it is.
    public var gateway: Cost?
    public var generator: Cost?

    public init(
        users: Int, connected: Int, seconds: Double, figures: LoadFigures,
        dialects: [LoadDialect: LoadFigures] = [:], gateway: Cost? = nil, generator: Cost? = nil
    ) {
        self.users = users
        self.connected = connected
        self.seconds = seconds
        self.figures = figures
        self.dialects = dialects
        self.gateway = gateway
        self.generator = generator
    }

    /// CPU of a process for one user in one second.
    public func cpuMsPerUserSecond(_ cost: Cost?) -> Double? {
        guard let cost, self.connected > 0, self.seconds > 0 else { return nil }
        return cost.cpuSeconds * 1_000 / Double(self.connected) / self.seconds
    }

    public func bytesPerUser(_ cost: Cost?) -> Int? {
        guard let cost, self.connected > 0 else { return nil }
        return cost.addedBytes / self.connected
    }

    /// Why the figures may be this program's own rather than the gateway's; nil if nothing speaks for it.
    public var doubt: String? {
        guard let lag = self.figures.lag.summary, lag.p99 > .milliseconds(10) else { return nil }
        return """
            the microphones themselves were up to \(Figure.milliseconds(lag.p99)) ms late: this machine has not enough \
            time for the load, and the figures are too high
            """
    }
}

/// One second of a run.
public struct LoadSample: Sendable, Equatable {
    /// Since the first user.
    public var second: Double
    public var connected: Int
    public var added: LatencySummary?
    public var firstAudio: LatencySummary?
    public var errors: Int
    public var chunksSent: Int
    /// Cores in use; nil where it cannot be read.
    public var gatewayCores: Double?
    public var generatorCores: Double?
    public var gatewayBytes: Int?

    public init(
        second: Double, connected: Int, added: LatencySummary? = nil, firstAudio: LatencySummary? = nil,
        errors: Int = 0,
        chunksSent: Int = 0, gatewayCores: Double? = nil, generatorCores: Double? = nil, gatewayBytes: Int? = nil
    ) {
        self.second = second
        self.connected = connected
        self.added = added
        self.firstAudio = firstAudio
        self.errors = errors
        self.chunksSent = chunksSent
        self.gatewayCores = gatewayCores
        self.generatorCores = generatorCores
        self.gatewayBytes = gatewayBytes
    }
}
