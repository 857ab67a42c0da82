import Foundation
import Studio

extension SyncMachine {
    /// What follows from a request that failed.
    struct Failing: Sendable {
        let pace: SyncPace
        let now: Date
        let dice: Double

        /// Looks that may miss a persona that was made a moment ago.
        private static let grace = 5
        /// Somebody who is gone here is asked to be taken out there for ever, but not often.
        private static let longestGoodbye = Duration.seconds(3_600)

        func job(_ job: ProviderJob, _ step: Step, _ error: ProviderError) -> ProviderJob {
            if error.isUnsent { return self.unsent(job, step) }
            return switch step {
            case .delete: self.again(job, atMost: nil, error)
            case .find: self.again(job, atMost: job.wish == .absent ? nil : self.pace.attempts, error)
            case .create: self.create(job, error)
            case .update: self.update(job, error)
            case .look: self.look(job, error)
            }
        }

        /// The provider is out of reach, which is nobody's fault: it counts as no attempt, and who comes first stays so.
        private func unsent(_ job: ProviderJob, _ step: Step) -> ProviderJob {
            var job = job
            job.dueAt = self.now
            if step == .create {
                job.state.attempts -= 1
                job.made = 0
            }
            return job
        }

        private func create(_ job: ProviderJob, _ error: ProviderError) -> ProviderJob {
            var job = job
            if error.disposition != .unknownOutcome { job.made = 0 }
            job = self.again(job, isCounted: true, atMost: self.pace.attempts, error)
            if error.code == .timeout { job.dueAt = max(job.dueAt, self.now + self.pace.aftermath) }
            return job
        }

        private func update(_ job: ProviderJob, _ error: ProviderError) -> ProviderJob {
            guard error.code != .gone else { return self.lost(job) }
            return self.again(
                job, atMost: job.state.status == .processing ? self.pace.polls : self.pace.attempts, error)
        }

        /// Whatever a look meets, the next one may find it gone.
        private func look(_ job: ProviderJob, _ error: ProviderError) -> ProviderJob {
            if error.code == .gone, job.state.status == .queued { return self.lost(job) }
            var job = job
            job.state.attempts += 1
            let isGone = error.code == .gone && job.state.attempts >= Self.grace
            job.dueAt = self.now + max(self.pace.poll(job.state.attempts + 1), self.asked(error))
            if isGone {
                job.fail(.init(code: error.code.rawValue, message: error.message), at: self.now)
            } else if self.pace.isOver(job.state, self.now) {
                job.fail(.timedOut(job.state.attempts), at: self.now)
            }
            return job
        }

        /// It is not there any more: it is made anew.
        private func lost(_ job: ProviderJob) -> ProviderJob {
            var job = job
            job.state.remoteID = nil
            job.state.attempts = 0
            job.made = 0
            job.dueAt = self.now
            return job
        }

        /// - Parameters:
        ///   - isCounted: the attempt was counted when it was noted.
        ///   - limit: nil where nothing is ever enough.
        private func again(
            _ job: ProviderJob, isCounted: Bool = false, atMost limit: Int?, _ error: ProviderError
        ) -> ProviderJob {
            var job = job
            if !isCounted { job.state.attempts += 1 }
            job.dueAt = self.now + self.pause(after: job.state.attempts, isEndless: limit == nil, error)
            guard let limit else { return job }
            if error.disposition == .never {
                job.fail(.init(code: error.code.rawValue, message: error.message), at: self.now)
            } else if job.state.attempts >= limit {
                let sentence = "the provider did not take it in \(job.state.attempts) attempts: \(error.message)"
                job.fail(.init(code: error.code.rawValue, message: sentence), at: self.now)
            }
            return job
        }

        private func pause(after attempts: Int, isEndless: Bool, _ error: ProviderError) -> Duration {
            guard !isEndless || attempts <= self.pace.attempts else { return Self.longestGoodbye }
            let isSlow = error.disposition == .retryLater || error.disposition == .never
            let pause =
                isSlow ? self.pace.longPause(dice: self.dice) : self.pace.pause(after: attempts, dice: self.dice)
            return max(pause, self.asked(error))
        }

        private func asked(_ error: ProviderError) -> Duration {
            guard case .retry(let after?) = error.disposition else { return .zero }
            return min(after, self.pace.longestPause)
        }
    }
}

extension ProviderError {
    /// Nothing has left this side.
    var isUnsent: Bool {
        guard case .retry = self.disposition else { return false }
        return self.code == .unreachable
    }
}
