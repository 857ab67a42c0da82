import Foundation
import JSON
import Observability
import Personas
import Storage
import Studio
import Synchronization

@testable import Providers

/// A provider in memory, a store on the disk, a time that stands, and what keeps the two in step.
struct SyncBench {
    let world = RemoteWorld()
    let clock = StandingClock()
    let watch: StatusWatch
    let log = CollectedLog()
    let metrics = MetricsRegistry()
    let sync: ProviderSync
    let orders: PersonaOrders

    var store: StudioDatabase { self.watch.store }

    private init(_ store: StudioDatabase, perHour: Int) {
        self.watch = StatusWatch(store)
        self.sync = Self.sync(self.world, self.watch, self.clock, self.log, self.metrics)
        self.orders = PersonaOrders(self.world, sync: self.sync, perHour: perHour, log: self.log.log)
    }

    private static func sync(
        _ world: RemoteWorld, _ watch: StatusWatch, _ clock: StandingClock, _ log: CollectedLog,
        _ metrics: MetricsRegistry
    ) -> ProviderSync {
        ProviderSync(
            world, queue: watch,
            clock: ProviderSync.Clock {
                clock.now
            } sleep: { _ in
                // Until it is rung or cancelled.
                try await Task.sleep(for: .seconds(3_600))
            } dice: {
                0
            }, log: log.log, metrics: metrics)
    }

    static func run(perHour: Int = 0, _ body: (SyncBench) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vaani-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try StudioDatabase(directory: folder)
        defer { store.close() }
        try await body(SyncBench(store, perHour: perHour))
    }

    /// Somebody else who works on the same jobs, as after a restart.
    func successor() -> ProviderSync { Self.sync(self.world, self.watch, self.clock, self.log, self.metrics) }

    /// Keeps a scenario whose persona is to be made.
    func order(_ name: String, _ change: (inout PersonaConfig) -> Void = { _ in }) async throws -> Scenario {
        var config = PersonaConfig()
        config.name = name
        change(&config)
        let now = self.clock.now
        let persona = PersonaRecord(
            id: PersonaRecord.newID(), owner: "tara", kind: .scenario, config: config, createdAt: now, updatedAt: now)
        let scenario = Scenario(
            id: .new("scn"), owner: "tara",
            details: ScenarioDetails(title: name, description: "d", category: .leadership, duration: 15),
            persona: persona, createdAt: now, updatedAt: now)
        let order = try self.orders.order(for: persona, at: now).order
        _ = try await self.store.create(scenario, queueing: order, answering: nil)
        return scenario
    }

    func edit(_ scenario: Scenario, _ change: (inout PersonaConfig) -> Void) async throws {
        var scenario = scenario
        change(&scenario.persona.config)
        let order = try self.orders.order(for: scenario.persona, at: self.clock.now).order
        let kept = try await self.store.replace(scenario, queueing: order, version: nil)
        if let status = kept.persona.sync?.status { self.watch.saw(status, of: scenario.persona.id) }
    }

    func state(_ scenario: Scenario) async throws -> SyncState? {
        try await self.store.scenario(scenario.id, of: "tara").persona.sync
    }

    /// Does what is due, in both lanes, until nothing is.
    func work(_ sync: ProviderSync? = nil) async {
        let sync = sync ?? self.sync
        for _ in 0..<2 {
            _ = await sync.work(.creation)
            _ = await sync.work(.care)
        }
    }

    /// Lets time pass in steps of a second, and does what is due in each.
    func pass(_ seconds: Int, _ sync: ProviderSync? = nil) async {
        for _ in 0..<seconds {
            self.clock.pass(1)
            await self.work(sync)
        }
    }
}

/// A log that tests read.
final class CollectedLog: LogSink {
    private let lines = Mutex<[LogRecord]>([])
    let minimumLevel = LogLevel.trace

    var log: Log { Log(sink: self) }
    var records: [LogRecord] { self.lines.withLock { $0 } }

    func write(_ record: LogRecord) { self.lines.withLock { $0.append(record) } }
}

/// A queue that remembers every status that it was told to keep.
final class StatusWatch: ProviderQueue {
    let store: StudioDatabase
    private let statuses = Mutex<[PersonaID: [SyncStatus]]>([:])
    /// Kept no more from now on, as on a disk that is full.
    let isBroken = Mutex(false)

    init(_ store: StudioDatabase) { self.store = store }

    func saw(_ status: SyncStatus, of id: PersonaID) { self.statuses.withLock { $0[id, default: []].append(status) } }

    func history(_ id: PersonaID) -> [SyncStatus] { self.statuses.withLock { $0[id] ?? [] } }

    func enqueue(_ job: ProviderJob) async throws(StoreError) { try await self.store.enqueue(job) }
    func claim(
        _ lane: ProviderLane, by holder: String, now: Date, until expiry: Date
    ) async throws(StoreError) -> ProviderJob? {
        try await self.store.claim(lane, by: holder, now: now, until: expiry)
    }
    func claim(
        _ id: PersonaID, by holder: String, now: Date, until expiry: Date
    ) async throws(StoreError) -> ProviderJob? {
        try await self.store.claim(id, by: holder, now: now, until: expiry)
    }
    func nextDue(_ lane: ProviderLane, now: Date) async throws(StoreError) -> Date? {
        try await self.store.nextDue(lane, now: now)
    }
    func settle(_ job: ProviderJob, by holder: String, until expiry: Date?) async throws(StoreError) -> Bool {
        if self.isBroken.withLock({ $0 }) { throw StoreError(.unavailable, "the disk is full") }
        let isKept = try await self.store.settle(job, by: holder, until: expiry)
        // Who is deleted here is seen by nobody any more.
        if isKept, job.wish == .present {
            self.statuses.withLock { $0[job.personaID, default: []].append(job.state.status) }
        }
        return isKept
    }
    func letGo(_ id: PersonaID, by holder: String) async throws(StoreError) {
        try await self.store.letGo(id, by: holder)
    }
    func job(_ id: String, of owner: String?) async throws(StoreError) -> ProviderJob? {
        try await self.store.job(id, of: owner)
    }
    func retry(_ id: PersonaID, of owner: String, now: Date) async throws(StoreError) -> Bool {
        let isTaken = try await self.store.retry(id, of: owner, now: now)
        if isTaken { self.statuses.withLock { $0[id, default: []].append(.queued) } }
        return isTaken
    }
    func nudge(of owner: String, now: Date) async throws(StoreError) -> Int {
        try await self.store.nudge(of: owner, now: now)
    }
    func forget(_ id: PersonaID) async throws(StoreError) { try await self.store.forget(id) }
    func figures() async throws(StoreError) -> ProviderFigures { try await self.store.figures() }
}
