import Observability
import Transport

/// Many synthetic users at once: opened at a steady rate, measured while all of them talk, then sent home.
public struct Crowd: Sendable {
    public struct Plan: Sendable {
        public var users: Int
        /// New users a second.
        public var rampPerSecond: Int
        public var measured: Duration

        public init(users: Int, rampPerSecond: Int = 50, measured: Duration = .seconds(20)) {
            self.users = users
            self.rampPerSecond = rampPerSecond
            self.measured = measured
        }
    }

    public struct Result: Sendable, Equatable {
        /// Users that were talking when the measurement began.
        public var users: Int
        public var latency: LatencySummary
        public var chunks: Int
        public var errors: Int
        public var lost: Int
        public var seconds: Double
        /// Of the process in between, over the measured time.
        public var cpuSeconds: Double
        /// Of the process in between, at the end of the measured time less before the first user.
        public var addedBytes: Int

        public var cpuMsPerUserSecond: Double {
            self.users == 0 ? 0 : self.cpuSeconds * 1_000 / Double(self.users) / self.seconds
        }
        public var bytesPerUser: Int { self.users == 0 ? 0 : self.addedBytes / self.users }
    }

    private let plan: Plan
    private let group: EventLoopGroup

    public init(_ plan: Plan, on group: EventLoopGroup) {
        self.plan = plan
        self.group = group
    }

    /// Talks through the gateway at `url` (`ws://host:port`).
    public func talk(toGateway url: String, personaID: String, processID: Int32) async throws -> Result {
        try await self.run(.gateway(personaID: personaID), processID) { "\(url)/ws/load-\($0)" }
    }

    /// Talks the Realtime protocol with what listens at `url` (`ws://host:port`).
    public func talk(toModel url: String, processID: Int32) async throws -> Result {
        try await self.run(.realtime, processID) { _ in "\(url)/v1/realtime?model=echo" }
    }

    private func run(
        _ dialect: SyntheticUser.Dialect, _ processID: Int32, _ url: (Int) -> String
    ) async throws -> Result {
        let recorder = LatencyRecorder()
        let tally = LoadTally()
        let epoch = ContinuousClock.now
        let before = ProcessUsage(processID: processID)
        var users: [(EventLoop, SyntheticUser)] = []
        for number in 0..<self.plan.users {
            let target = try WebSocketTarget(url: url(number))
            let loop = self.group.next()
            let user = await withCheckedContinuation { made in
                loop.execute {
                    made.resume(
                        returning: SyntheticUser(
                            dialect: dialect, target: target, loop: loop, recorder: recorder, tally: tally, epoch: epoch
                        ))
                }
            }
            users.append((loop, user))
            try await Task.sleep(for: .seconds(1) / self.plan.rampPerSecond)
        }
        try await Task.sleep(for: .seconds(2))  // the last ones' handshakes and the first replies

        recorder.reset()
        let (chunks, talking) = (tally.chunks.value, tally.talking.value)
        let start = ContinuousClock.now
        let first = ProcessUsage(processID: processID)
        try await Task.sleep(for: self.plan.measured)
        let last = ProcessUsage(processID: processID)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let result = Result(
            users: talking, latency: recorder.summary, chunks: tally.chunks.value - chunks, errors: tally.errors.value,
            lost: tally.lost.value, seconds: seconds,
            cpuSeconds: (last?.cpuSeconds ?? 0) - (first?.cpuSeconds ?? 0),
            addedBytes: (last?.proportionalBytes ?? 0) - (before?.proportionalBytes ?? 0))
        for (loop, user) in users { loop.execute { user.stop() } }
        return result
    }
}
