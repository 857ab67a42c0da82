import Foundation
import Studio

/// Decides what is asked of a provider for one persona, and what follows from the answer. A value without a clock: the
/// time and the dice go in, the job as it is to be kept comes out.
struct SyncMachine: Sendable, Equatable {
    /// One thing that is asked.
    enum Step: Sendable, Equatable {
        /// By its marker: it was sent, and nobody knows what became of it.
        case find
        case create
        case update(String)
        /// How far it is.
        case look(String)
        case delete(String)
    }

    /// What came of it.
    enum Event: Sendable, Equatable {
        case found(RemotePersona?)
        case created(RemotePersona)
        case updated
        case seen(RemotePersona, [RemotePart])
        case deleted
        case failed(ProviderError)
        /// The program stops; the request may have arrived.
        case interrupted
    }

    enum Verdict: Sendable, Equatable {
        /// Each is kept before the next: a status takes one step at a time, and whoever looks may see every one.
        case keep([ProviderJob])
        case forget
    }

    var pace = SyncPace()

    func step(for job: ProviderJob) -> Step {
        switch (job.wish, job.state.remoteID) {
        case (.absent, let id?): .delete(id)
        case (.absent, nil): .find
        case (.present, nil): job.made == 0 ? .create : .find
        case (.present, let id?): job.made == job.revision ? .look(id) : .update(id)
        }
    }

    /// What has to be kept before a step is made, so that a crash in it is known of; nil where a crash does no harm.
    func note(_ step: Step, on job: ProviderJob) -> ProviderJob? {
        var job = job
        switch step {
        case .create:
            job.state.attempts += 1
            job.made = job.revision
        case .update: job.made = 0
        case .find, .look, .delete: return nil
        }
        return job
    }

    /// - Parameters:
    ///   - job: as it was noted.
    ///   - dice: 0 to 1.
    func verdict(_ job: ProviderJob, _ step: Step, _ event: Event, now: Date, dice: Double = 0) -> Verdict {
        switch event {
        case .found(let remote): self.found(remote, job, now)
        case .created(let remote): .keep(self.accepted(remote, job, now))
        case .updated: .keep([self.updated(job, now)])
        case .seen(let remote, let parts): .keep(self.seen(SyncProgress(remote, parts), job, now))
        case .deleted: .forget
        case .failed(let error): .keep([Failing(pace: self.pace, now: now, dice: dice).job(job, step, error)])
        case .interrupted: .keep([self.interrupted(job, step, now)])
        }
    }

    private func found(_ remote: RemotePersona?, _ job: ProviderJob, _ now: Date) -> Verdict {
        var job = job
        job.dueAt = now
        switch (remote, job.wish) {
        case (nil, .absent): return .forget
        case (let remote?, .absent): job.state.remoteID = remote.id
        case (let remote?, .present): return .keep(self.accepted(remote, job, now))
        case (nil, .present):
            job.made = 0
            if job.state.attempts >= self.pace.attempts { job.fail(.exhausted(job.state.attempts), at: now) }
        }
        return .keep([job])
    }

    /// The provider has it. A persona that was ready before, and was lost there, is ready still.
    private func accepted(_ remote: RemotePersona, _ job: ProviderJob, _ now: Date) -> [ProviderJob] {
        var job = job
        job.state.remoteID = remote.id
        job.state.attempts = 0
        job.dueAt = now + self.pace.poll(1)
        guard job.state.status != .ready else { return [self.settled(job)] }
        guard remote.status == nil else { return self.seen(SyncProgress(remote, []), job, now, isLook: false) }
        job.state.advance(to: .processing, at: now)
        return [job]
    }

    private func updated(_ job: ProviderJob, _ now: Date) -> ProviderJob {
        var job = job
        job.made = job.revision
        job.dueAt = now
        return self.settled(job)
    }

    /// A ready persona that is as its author wants it has no change to tell of.
    private func settled(_ job: ProviderJob) -> ProviderJob {
        guard job.state.status == .ready else { return job }
        var job = job
        job.state.attempts = 0
        job.state.change = job.made == job.revision ? nil : .pending
        return job
    }

    private func seen(
        _ progress: SyncProgress, _ job: ProviderJob, _ now: Date, isLook: Bool = true
    ) -> [ProviderJob] {
        var job = job
        if isLook { job.state.attempts += 1 }
        switch progress.stage {
        case .ready: return job.steps(to: .ready, at: now, progress.source)
        case .failed(let failure): job.fail(failure, at: now, progress.source)
        case .queued, .building:
            let isQueued = progress.stage == .queued && job.state.status == .queued
            job.state.advance(to: isQueued ? .queued : .processing, at: now, source: progress.source)
            job.dueAt = now + self.pace.poll(job.state.attempts + 1)
            if self.pace.isOver(job.state, now) { job.fail(.timedOut(job.state.attempts), at: now) }
        }
        return [job]
    }

    /// What somebody else's look shows, which counts as none of ours.
    ///
    /// - Returns: nil where it is nothing new.
    func glimpsed(_ remote: RemotePersona, _ job: ProviderJob, now: Date) -> [ProviderJob]? {
        guard case .look = self.step(for: job) else { return nil }
        var steps = self.seen(SyncProgress(remote, []), job, now, isLook: false)
        guard steps.last?.state.status != job.state.status else { return nil }
        if steps.last?.state.status == .processing { steps[steps.count - 1].dueAt = job.dueAt }
        return steps
    }

    private func interrupted(_ job: ProviderJob, _ step: Step, _ now: Date) -> ProviderJob {
        var job = job
        job.dueAt = now
        guard step == .create else { return job }
        job.state.attempts -= 1
        job.dueAt = now + self.pace.hold
        return job
    }
}

extension ProviderJob {
    /// A persona that is ready stays so: it is the change that has failed.
    mutating func fail(_ failure: SyncState.Failure, at now: Date, _ source: SyncState.Source = .derived) {
        if self.state.status == .ready {
            self.state.change = .failed(failure)
        } else {
            self.state.advance(to: .error, at: now, source: source, failure: failure)
        }
    }

    /// Every status on the way, with the job as it is then.
    fileprivate func steps(to end: SyncStatus, at now: Date, _ source: SyncState.Source) -> [ProviderJob] {
        var job = self
        var steps: [ProviderJob] = []
        for status in [SyncStatus.processing, end] where job.state.status != end {
            guard job.state.advance(to: status, at: now, source: source) else { continue }
            steps.append(job)
        }
        return steps
    }
}

extension SyncState.Failure {
    static func timedOut(_ looks: Int) -> Self {
        Self(code: "timed_out", message: "timed out: the provider was not done when it was asked \(looks) times")
    }

    static func exhausted(_ attempts: Int) -> Self {
        Self(code: "timed_out", message: "timed out: the provider did not answer \(attempts) attempts")
    }
}

extension SyncPace {
    /// Enough looks, and enough time for as many.
    func isOver(_ state: SyncState, _ now: Date) -> Bool {
        state.attempts >= self.polls && state.lastStatusAt + self.patience <= now
    }
}

extension Date {
    static func + (date: Date, duration: Duration) -> Date { date.addingTimeInterval(duration / .seconds(1)) }
}
