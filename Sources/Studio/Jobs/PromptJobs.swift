import Foundation
import LanguageModels
import Observability

/// Jobs that write prompts in the background. They survive a stop of the program, and belong to whoever began them.
public actor PromptJobs {
    public struct Limits: Sendable {
        /// Of one job.
        public var personasAtOnce = 8
        /// Of all jobs together.
        public var personasInAll = 32
        /// How long a job that is over can be read.
        public var lifetime = Duration.seconds(3_600)
        /// Attempts after the first, where the failure may pass.
        public var maxRetries = 2
        /// Before the second attempt; doubled for the third.
        public var retryPause = Duration.seconds(1)
        /// Between looks for jobs to forget.
        public var sweep = Duration.seconds(60)
        /// Jobs under way at once, of one owner.
        public var maxJobsPerOwner = 200

        public init() {}
    }

    /// What a job works with.
    struct Tools: Sendable {
        let store: any GenerationStore
        let writer: PromptWriter
        let limits: Limits
        let slots: Slots
        let clock: StudioClock
        let now: @Sendable () -> Date
        let log: Log

        /// What cannot be kept is told all the same; the next change is kept with it.
        func save(_ job: PromptJob) async {
            do throws(StoreError) {
                try await self.store.save(job)
            } catch {
                self.log.error(
                    "job not kept", [.jobID: .text(job.id.rawValue), .reason: .text(error.description)])
            }
        }
    }

    private let tools: Tools
    private var runs: [RecordID: (run: JobRun, task: Task<Void, Never>, owner: String)] = [:]
    /// Of jobs that are over, as long as somebody reads them: all of them share one copy of what happened.
    private var past: [RecordID: PastFeed] = [:]
    private var sweeper: Task<Void, Never>?
    private var isStopped = false

    public init(
        store: any GenerationStore, writer: PromptWriter, limits: Limits = Limits(), clock: StudioClock = .system,
        log: Log = .disabled, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.tools = Tools(
            store: store, writer: writer, limits: limits, slots: Slots(limits.personasInAll), clock: clock, now: now,
            log: log)
    }

    /// How many are under way.
    public var count: Int { self.runs.count }

    /// Goes on with what was interrupted, and begins to forget what is over.
    public func start() async throws(StoreError) {
        for var job in try await self.tools.store.unfinishedJobs() where self.runs[job.id] == nil {
            job.resume()
            self.run(job)
        }
        guard self.sweeper == nil else { return }
        let tools = self.tools
        self.sweeper = Task {
            while (try? await tools.clock.sleep(tools.limits.sweep)) != nil {
                _ = try? await tools.store.deleteJobs(expiredBy: tools.now())
            }
        }
    }

    /// Interrupts what is under way; the next start goes on with it.
    public func stop() async {
        self.isStopped = true
        self.sweeper?.cancel()
        let tasks = self.runs.values.map(\.task)
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    /// Keeps a job and begins with it.
    ///
    /// - Throws: `busy` where its owner has too many under way.
    public func begin(_ job: PromptJob) async throws(StoreError) {
        guard !self.isStopped,
            self.runs.values.count(where: { $0.owner == job.owner }) < self.tools.limits.maxJobsPerOwner
        else { throw StoreError(.busy, "\(self.tools.limits.maxJobsPerOwner) jobs of one owner are under way") }
        try await self.tools.store.create(job)
        self.run(job)
    }

    /// - Throws: `notFound` also for a job of somebody else, and for one that is over for too long.
    public func job(_ id: RecordID, of owner: String) async throws(StoreError) -> PromptJob {
        if let live = self.runs[id], live.owner == owner { return await live.run.job }
        let job = try await self.tools.store.job(id, of: owner)
        guard (job.expiresAt ?? .distantFuture) > self.tools.now() else {
            throw StoreError(.notFound, "it has expired")
        }
        return job
    }

    /// What happens in a job, and happened.
    ///
    /// - Throws: `notFound` as `job` does.
    public func feed(_ id: RecordID, of owner: String) async throws(StoreError) -> JobFeed {
        if let live = self.runs[id], live.owner == owner { return live.run.feed }
        let job = try await self.job(id, of: owner)
        if let feed = self.past[id]?.feed { return feed }
        let feed = JobFeed(job)
        self.past = self.past.filter { $0.value.feed != nil }
        if job.isOver { self.past[id] = PastFeed(feed: feed) }
        return feed
    }

    private struct PastFeed {
        weak var feed: JobFeed?
    }

    private func run(_ job: PromptJob) {
        let run = JobRun(job, self.tools)
        let task = Task {
            await run.run()
            self.ended(job.id)
        }
        self.runs[job.id] = (run, task, job.owner)
    }

    private func ended(_ id: RecordID) { self.runs[id] = nil }
}
