import Foundation
import Observability

/// What is known of a run while it goes on.
struct LoadWatch {
    private static let interval = Duration.seconds(1)

    private(set) var timeline: [LoadSample] = []
    var whole = LoadFigures()
    var refusal: String?
    private(set) var nextSampleAt = ContinuousClock.now + interval

    private let progress: @Sendable (LoadRun.Progress) -> Void
    private let start = ContinuousClock.now
    private var lastSampleAt = ContinuousClock.now
    private var gateway: Meter?
    private var generator: Meter?
    /// Since users began to come for this number of users, and since it is measured.
    private var level: [LoadDialect: LoadFigures] = [:]
    private var phase: [LoadDialect: LoadFigures]?
    private var phaseLag = LatencyHistogram()
    private var phaseStart = ContinuousClock.now
    private var connected = 0

    init(gateway: UsageSource?, progress: @escaping @Sendable (LoadRun.Progress) -> Void) {
        self.gateway = gateway.flatMap { Meter($0) }
        self.generator = Meter(.process(getpid()))
        self.progress = progress
    }

    /// Takes what the users saw since the last time.
    mutating func add(
        _ dialects: [LoadDialect: LoadFigures], lag: LatencyHistogram, connected: Int, _ stage: LoadRun.Progress.Stage,
        _ users: Int
    ) {
        let now = ContinuousClock.now
        let seconds = (now - self.lastSampleAt) / .seconds(1)
        self.lastSampleAt = now
        // Counted on from the plan, so that samples stay a second apart; what was missed is left out.
        while self.nextSampleAt <= now { self.nextSampleAt += Self.interval }
        self.connected = connected
        let figures = dialects.values.reduce(into: LoadFigures()) { $0.merge($1) }
        self.whole.merge(figures)
        self.level.merge(dialects) { $0.merged(with: $1) }
        self.phase?.merge(dialects) { $0.merged(with: $1) }
        self.phaseLag.merge(lag)
        let gateway = self.gateway?.look(over: seconds)
        let sample = LoadSample(
            second: (now - self.start) / .seconds(1), connected: connected, added: figures.added.summary,
            firstAudio: figures.firstAudio.summary, errors: figures.errorCount, chunksSent: figures.chunksSent,
            gatewayCores: gateway?.cores, generatorCores: self.generator?.look(over: seconds)?.cores,
            gatewayBytes: gateway?.residentBytes)
        self.timeline.append(sample)
        self.progress(LoadRun.Progress(stage: stage, users: users, sample: sample))
    }

    mutating func beginLevel() {
        self.level = [:]
    }

    mutating func beginPhase() {
        self.phase = [:]
        self.phaseLag = LatencyHistogram()
        self.phaseStart = .now
        self.gateway?.beginPhase()
        self.generator?.beginPhase()
    }

    mutating func endPhase(users: Int) -> LoadPhase {
        defer { self.phase = nil }
        var dialects = self.phase ?? [:]
        // Who was not let in is an error of this number of users, though nothing was measured yet.
        for (dialect, figures) in self.level { dialects[dialect]?.takeEvents(of: figures) }
        var figures = dialects.values.reduce(into: LoadFigures()) { $0.merge($1) }
        figures.lag = self.phaseLag
        // Who talks on and on has a first audio only once, when the user arrives.
        if figures.firstAudio.count == 0 { figures.firstAudio = self.whole.firstAudio }
        return LoadPhase(
            users: users, connected: self.connected, seconds: (ContinuousClock.now - self.phaseStart) / .seconds(1),
            figures: figures, dialects: dialects, gateway: self.gateway?.phaseCost, generator: self.generator?.phaseCost
        )
    }
}

/// Follows what one process uses.
private struct Meter {
    private let source: UsageSource
    private let before: ProcessUsage
    private var lastCPU: Double
    private var phaseCPU: Double

    /// nil if it cannot be read.
    init?(_ source: UsageSource) {
        guard let before = source.read() else { return nil }
        self.source = source
        self.before = before
        self.lastCPU = before.cpuSeconds
        self.phaseCPU = before.cpuSeconds
    }

    /// Cores in use since the last call, and memory now.
    mutating func look(over seconds: Double) -> (cores: Double, residentBytes: Int)? {
        guard let glance = self.source.glance(), seconds > 0 else { return nil }
        defer { self.lastCPU = glance.cpuSeconds }
        return ((glance.cpuSeconds - self.lastCPU) / seconds, glance.residentBytes)
    }

    mutating func beginPhase() {
        self.phaseCPU = self.source.glance()?.cpuSeconds ?? self.phaseCPU
    }

    /// Since the phase began; nil if the process is gone.
    var phaseCost: LoadPhase.Cost? {
        self.source.read().map {
            LoadPhase.Cost(
                cpuSeconds: $0.cpuSeconds - self.phaseCPU, addedBytes: $0.residentBytes - self.before.residentBytes)
        }
    }
}
