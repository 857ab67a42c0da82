/// What a crowd of users has seen in a span of time; spans add up.
public struct LoadFigures: Sendable, Equatable {
    /// From the microphone to the same user's ear: through the gateway to the echo and back.
    public var added = LatencyHistogram()
    /// From the user to the echo.
    public var up = LatencyHistogram()
    /// From the echo to the user.
    public var down = LatencyHistogram()
    /// From the start (with an echo) or the end (with a model) of what a user says to the first audio of the answer.
    public var firstAudio = LatencyHistogram()
    /// From `cancel` to `clear`.
    public var bargeIn = LatencyHistogram()
    /// From `config` to `config_ack` of another persona.
    public var switching = LatencyHistogram()
    /// How late this program's own microphones were.
    public var lag = LatencyHistogram()
    public var chunksSent = 0
    public var chunksHeard = 0
    /// Never came back although nothing had interrupted them.
    public var chunksLost = 0
    /// Came back later than `lateAfter`.
    public var chunksLate = 0
    /// Audio from before a barge-in that came after `clear`.
    public var chunksStale = 0
    public var connects = 0
    public var reconnects = 0
    public var turns = 0
    /// Connections that ended although nobody asked for it.
    public var lostConnections = 0
    /// How often each code was told, or each kind of failure met.
    public var errors: [String: Int] = [:]
    public var warnings: [String: Int] = [:]

    /// What a player with a small buffer would no longer hide.
    public static let lateAfter = Duration.milliseconds(100)

    public init() {}

    /// Whether what the microphones sent came back, so that ways can be measured.
    public var hasEcho: Bool { self.added.count > 0 }

    public var errorCount: Int { self.errors.values.reduce(0, +) }

    public mutating func merge(_ other: LoadFigures) {
        self.added.merge(other.added)
        self.up.merge(other.up)
        self.down.merge(other.down)
        self.firstAudio.merge(other.firstAudio)
        self.bargeIn.merge(other.bargeIn)
        self.switching.merge(other.switching)
        self.lag.merge(other.lag)
        self.chunksSent += other.chunksSent
        self.chunksHeard += other.chunksHeard
        self.chunksLost += other.chunksLost
        self.chunksLate += other.chunksLate
        self.chunksStale += other.chunksStale
        self.connects += other.connects
        self.reconnects += other.reconnects
        self.turns += other.turns
        self.lostConnections += other.lostConnections
        self.errors.merge(other.errors) { $0 + $1 }
        self.warnings.merge(other.warnings) { $0 + $1 }
    }

    /// Takes over what happened to connections in a longer span of time.
    mutating func takeEvents(of longer: LoadFigures) {
        self.connects = longer.connects
        self.reconnects = longer.reconnects
        self.lostConnections = longer.lostConnections
        self.errors = longer.errors
        self.warnings = longer.warnings
    }

    func merged(with other: LoadFigures) -> LoadFigures {
        var sum = self
        sum.merge(other)
        return sum
    }
}
