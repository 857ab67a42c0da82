import Foundation
import Observability
import Personas
import Studio

/// Has a provider make, change and take out personas, in the background, and keeps how far it is.
///
/// Two loops, one for each lane, with one request each at most: what is new is made in the order in which it came, and
/// nothing that a new one meets holds up those that are there. Everything that must not be lost is in the queue: who
/// starts again goes on where the last one was stopped, or died.
public actor ProviderSync {
    /// Time and chance.
    public struct Clock: Sendable {
        public var now: @Sendable () -> Date
        public var sleep: @Sendable (Duration) async throws -> Void
        /// 0 to 1.
        public var dice: @Sendable () -> Double

        public init(
            now: @escaping @Sendable () -> Date, sleep: @escaping @Sendable (Duration) async throws -> Void,
            dice: @escaping @Sendable () -> Double
        ) {
            self.now = now
            self.sleep = sleep
            self.dice = dice
        }

        public static let system = Clock {
            Date()
        } sleep: {
            try await Task.sleep(for: $0)
        } dice: {
            .random(in: 0...1)
        }
    }

    // Shorter than anything that is waited for; keeps a clock that was set back from turning a loop hot.
    private static let shortestRest = Duration.milliseconds(5)

    let provider: any PersonaProvider
    let queue: any ProviderQueue
    let machine: SyncMachine
    let clock: Clock
    let log: Log
    let metrics: SyncMetrics
    /// Nobody else's name, so that what the last one held is not taken for one's own.
    let holder = UUID().uuidString
    var gate: ProviderGate
    private let bells = Dictionary(uniqueKeysWithValues: ProviderLane.allCases.map { ($0, SyncBell()) })
    private var loops: [Task<Void, Never>] = []

    public init(
        _ provider: any PersonaProvider, queue: any ProviderQueue, pace: SyncPace = SyncPace(), clock: Clock = .system,
        log: Log = .disabled, metrics: MetricsRegistry = MetricsRegistry()
    ) {
        self.provider = provider
        self.queue = queue
        self.machine = SyncMachine(pace: pace)
        self.clock = clock
        self.log = log
        self.metrics = SyncMetrics(metrics, now: clock.now)
        self.gate = ProviderGate(pace)
    }

    public func start() {
        guard self.loops.isEmpty else { return }
        self.loops = ProviderLane.allCases.map { lane in Task { await self.run(lane) } }
    }

    /// Looks for work now: somebody has brought some, or wants to see the latest.
    public func wake() async {
        for bell in self.bells.values { await bell.ring() }
    }

    /// Breaks off what is under way; the next start finds out what became of it.
    public func stop() async {
        for loop in self.loops { loop.cancel() }
        for loop in self.loops { await loop.value }
        self.loops = []
    }

    private func run(_ lane: ProviderLane) async {
        while !Task.isCancelled {
            let next = await self.work(lane)
            let rest = next.map { Duration.seconds($0.timeIntervalSince(self.clock.now())) } ?? self.machine.pace.sweep
            let bounded = min(max(rest, Self.shortestRest), self.machine.pace.sweep)
            await self.bells[lane]?.wait(bounded, self.clock.sleep)
        }
    }

    /// Does everything of a lane that is due.
    ///
    /// - Returns: when there is more; nil where nobody knows.
    func work(_ lane: ProviderLane) async -> Date? {
        while !Task.isCancelled {
            let now = self.clock.now()
            do throws(StoreError) {
                if let pause = self.gate.pause(now: now) {
                    self.metrics.show(try await self.queue.figures())
                    return pause
                }
                let expiry = now + self.machine.pace.hold
                guard let job = try await self.queue.claim(lane, by: self.holder, now: now, until: expiry) else {
                    self.metrics.show(try await self.queue.figures())
                    return try await self.queue.nextDue(lane, now: now)
                }
                try await self.serve(job)
            } catch {
                self.log.warning("personas not kept in step", [.reason: .text(error.description)])
                return nil
            }
            await self.wake()
        }
        return nil
    }
}
