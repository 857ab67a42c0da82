import Foundation
import Observability
import Synchronization
import Transport

/// One load test: brings users up, watches them, sends them home.
public final class LoadRun: Sendable {
    /// What a person sees while it runs.
    public struct Progress: Sendable {
        public enum Stage: String, Sendable {
            case connecting, measuring, ending
        }

        public var stage: Stage
        public var users: Int
        public var sample: LoadSample
    }

    private let plan: LoadPlan
    private let url: String
    private let objectives: [Objective]
    private let findsKnee: Bool
    private let loops: [UserLoop]
    private let gateway: UsageSource?
    private let isStopped = Atomic<Bool>(false)

    /// - Parameters:
    ///   - url: `ws://host:port`, without a path.
    ///   - gateway: where its CPU and memory are read.
    ///   - findsKnee: whether to go up in steps until an objective is missed.
    public init(
        _ plan: LoadPlan, url: String, on group: EventLoopGroup, objectives: [Objective] = [], findsKnee: Bool = false,
        gateway: UsageSource? = nil
    ) {
        self.plan = plan
        self.url = url
        self.objectives = objectives
        self.findsKnee = findsKnee
        self.gateway = gateway
        self.loops = group.loops.map { UserLoop($0, chunkMilliseconds: plan.chunkMilliseconds) }
    }

    /// Ends the run early; what has been measured so far is its result.
    public func stop() {
        self.isStopped.store(true, ordering: .relaxed)
    }

    /// - Throws: if the URL is none, or the gateway does not speak a dialect.
    public func run(progress: @escaping @Sendable (Progress) -> Void = { _ in }) async throws -> LoadResult {
        for crowd in self.loops { await crowd.onLoop { $0.prepare(self.plan.mix) } }
        var watch = LoadWatch(gateway: self.gateway, progress: progress)
        var phases: [LoadPhase] = []
        var search = KneeSearch(maxUsers: self.plan.users)
        var opened = 0
        while let level = self.findsKnee ? search.level : (phases.isEmpty ? self.plan.users : nil), !self.hasStopped {
            watch.beginLevel()
            await self.shrink(&opened, to: level)
            try await self.open(&opened, to: level, &watch)
            phases.append(try await self.measure(level, &watch))
            search.tried(passed: self.objectives.allSatisfy { $0.judge(phases[phases.count - 1]).isKept })
        }
        await self.finish(&watch, &phases)
        return LoadResult(
            plan: self.plan, url: self.url, phases: phases, timeline: watch.timeline, whole: watch.whole,
            objectives: self.objectives, findsKnee: self.findsKnee, knee: self.findsKnee ? search.knee : nil,
            isCutShort: self.hasStopped)
    }

    private var hasStopped: Bool { self.isStopped.load(ordering: .relaxed) }

    // MARK: Bringing users up

    private func shrink(_ opened: inout Int, to level: Int) async {
        guard opened > level else { return }
        for crowd in self.loops { await crowd.onLoop { $0.keep(below: level) } }
        opened = level
    }

    private func open(_ opened: inout Int, to level: Int, _ watch: inout LoadWatch) async throws {
        let (start, before) = (ContinuousClock.now, opened)
        while opened < level, !self.hasStopped {
            let elapsed = (ContinuousClock.now - start) / .seconds(1)
            let due = min(level, before + Int(elapsed * Double(self.plan.rampPerSecond)) + 1)
            while opened < due {
                try self.add(opened)
                opened += 1
            }
            try await self.pass(.milliseconds(10), .connecting, level, &watch)
        }
        try await self.pass(self.plan.settling, .connecting, level, &watch)
    }

    private func add(_ number: Int) throws(TransportError) {
        let dialect = self.plan.mix.dialect(of: number)
        var target = try WebSocketTarget(url: dialect.url(self.url, user: number))
        target.connectTimeout = .seconds(10)
        let card = SyntheticUser.Card(
            number: number, dialect: dialect, target: target, behaviour: self.plan.behaviour,
            personas: self.plan.personas, seed: self.plan.seed,
            chunkMilliseconds: self.plan.chunkMilliseconds ?? dialect.chunkMilliseconds)
        let crowd = self.loops[number % self.loops.count]
        crowd.loop.execute { crowd.add(card) }
    }

    // MARK: Watching them

    private func measure(_ level: Int, _ watch: inout LoadWatch) async throws -> LoadPhase {
        await self.sample(.measuring, level, &watch)
        watch.beginPhase()
        try await self.pass(self.plan.duration, .measuring, level, &watch)
        await self.sample(.measuring, level, &watch)
        return watch.endPhase(users: level)
    }

    /// Lets time pass, with a look at the users each second.
    private func pass(
        _ duration: Duration, _ stage: Progress.Stage, _ level: Int, _ watch: inout LoadWatch
    ) async throws {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end, !self.hasStopped {
            try await Task.sleep(until: min(end, watch.nextSampleAt, .now + .milliseconds(100)), clock: .continuous)
            if ContinuousClock.now >= watch.nextSampleAt { await self.sample(stage, level, &watch) }
            if let refusal = watch.refusal {
                await self.disband()
                throw LoadError(refusal)
            }
        }
    }

    private func sample(_ stage: Progress.Stage, _ level: Int, _ watch: inout LoadWatch) async {
        var dialects: [LoadDialect: LoadFigures] = [:]
        var lag = LatencyHistogram()
        var ready = 0
        for crowd in self.loops {
            let snapshot = await crowd.onLoop { $0.take() }
            dialects.merge(snapshot.dialects) { $0.merged(with: $1) }
            lag.merge(snapshot.lag)
            ready += snapshot.ready
            watch.refusal = watch.refusal ?? snapshot.refusal
        }
        watch.add(dialects, lag: lag, connected: ready, stage, level)
    }

    // MARK: Ending

    /// Lets what is under way arrive: only what is missing then is lost.
    private func finish(_ watch: inout LoadWatch, _ phases: inout [LoadPhase]) async {
        for crowd in self.loops { await crowd.onLoop { $0.silence() } }
        try? await Task.sleep(for: .seconds(1))
        await self.disband()
        for crowd in self.loops {
            for (dialect, rest) in await crowd.onLoop({ $0.take() }).dialects {
                watch.whole.merge(rest)
                guard !phases.isEmpty else { continue }
                phases[phases.count - 1].figures.chunksLost += rest.chunksLost
                phases[phases.count - 1].dialects[dialect]?.chunksLost += rest.chunksLost
            }
        }
    }

    private func disband() async {
        for crowd in self.loops { await crowd.onLoop { $0.finish() } }
    }
}

extension UserLoop {
    /// Does something with the loop's users, on their loop.
    nonisolated func onLoop<Value: Sendable>(_ body: @escaping @Sendable (UserLoop) -> Value) async -> Value {
        await withCheckedContinuation { done in
            self.loop.execute { done.resume(returning: body(self)) }
        }
    }
}
