import Foundation
import Personas
import Studio
import Testing

@testable import Providers

@Suite struct SyncMachineTests {
    static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let start = Self.start
    private let machine = SyncMachine()
    private static let replica = RemotePart.replica(RemoteReplica(id: "r1", name: "R", progress: .ready))
    private static let refused = ProviderError(.rejected, "not as it is", disposition: .never)
    private static let later = ProviderError(.unavailable, "the provider failed", disposition: .retry(after: nil))
    private static let silent = ProviderError(.timeout, "no answer", disposition: .unknownOutcome)
    private static let away = ProviderError(.unreachable, "not reached", disposition: .retry(after: nil))
    private static let gone = ProviderError(.gone, "nothing of that id", disposition: .never)

    static func job(
        _ status: SyncStatus = .queued, id remoteID: String? = nil, attempts: Int = 0, made: Int = 0
    ) -> ProviderJob {
        guard let id = PersonaID("per_1") else { preconditionFailure("the id is legal") }
        let state = SyncState(
            stored: status, failure: nil, lastStatusAt: Self.start, source: .derived, remoteID: remoteID,
            attempts: attempts)
        var job = ProviderJob(
            personaID: id, owner: "tara", provider: "double", payload: [:], marker: ProviderJob.marker(for: id),
            state: state, dueAt: Self.start)
        job.made = made
        return job
    }

    private func kept(
        _ job: ProviderJob, _ step: SyncMachine.Step, _ event: SyncMachine.Event, after seconds: Double = 0
    ) -> [ProviderJob] {
        guard case .keep(let jobs) = self.machine.verdict(job, step, event, now: self.start + seconds) else {
            return []
        }
        return jobs
    }

    private func looked(
        _ parts: [RemotePart] = [], _ status: SyncStatus? = nil, from job: ProviderJob
    ) -> ProviderJob? {
        self.kept(job, .look("p1"), .seen(RemotePersona(id: "p1", name: "C", status: status), parts)).last
    }

    // MARK: What is asked

    @Test func `S0-13 what may be there is looked for before it is sent`() {
        #expect(self.machine.step(for: Self.job()) == .create)
        #expect(self.machine.step(for: Self.job(attempts: 1, made: 1)) == .find)
        #expect(self.machine.step(for: Self.job(.processing, id: "p1", made: 1)) == .look("p1"))
        var edited = Self.job(.processing, id: "p1", made: 1)
        edited.revision = 2
        #expect(self.machine.step(for: edited) == .update("p1"))
        var unwanted = Self.job(made: 1)
        unwanted.wish = .absent
        #expect(self.machine.step(for: unwanted) == .find)
        unwanted.state.remoteID = "p1"
        #expect(self.machine.step(for: unwanted) == .delete("p1"))
    }

    @Test func `S0-13 an attempt is noted as one that may have arrived`() {
        #expect(self.machine.note(.create, on: Self.job()) == Self.job(attempts: 1, made: 1))
        #expect(self.machine.note(.update("p1"), on: Self.job(.ready, id: "p1", made: 1))?.made == 0)
        #expect(self.machine.note(.look("p1"), on: Self.job(.processing, id: "p1", made: 1)) == nil)
    }

    // MARK: Creation

    @Test func `S0-6 what the provider has taken is processing, and looked at after two seconds`() {
        let jobs = self.kept(
            Self.job(attempts: 1, made: 1), .create, .created(RemotePersona(id: "p1", name: "C")), after: 3)
        var expected = Self.job(.processing, id: "p1", made: 1)
        expected.state = SyncState(
            stored: .processing, failure: nil, lastStatusAt: self.start + 3, source: .derived, remoteID: "p1",
            attempts: 0)
        expected.dueAt = self.start + 5
        #expect(jobs == [expected])
    }

    @Test func `S0-13 one that was found is not made again, and one that was not is`() {
        let job = Self.job(attempts: 1, made: 1)
        let found = self.kept(job, .find, .found(RemotePersona(id: "p1", name: "C")))
        #expect(found.last?.state.remoteID == "p1" && found.last?.state.status == .processing)
        let missed = self.kept(job, .find, .found(nil))
        #expect(missed == [Self.job(attempts: 1)])
        let spent = self.kept(Self.job(attempts: 5, made: 1), .find, .found(nil)).last
        #expect(spent?.state.status == .error && spent?.state.failure?.code == "timed_out")
    }

    @Test func `S0-46 what failed is tried again after twice the time, five times in all`() {
        for (attempt, pause) in [(1, 2.0), (2, 4), (3, 8), (4, 16)] {
            var expected = Self.job(attempts: attempt)
            expected.dueAt = self.start + pause
            #expect(self.kept(Self.job(attempts: attempt, made: 1), .create, .failed(Self.later)) == [expected])
        }
        let last = self.kept(Self.job(attempts: 5, made: 1), .create, .failed(Self.later)).last
        #expect(last?.state.status == .error && last?.made == 0)
        #expect(last?.state.failure?.message.contains("5 attempts") == true)
    }

    @Test func `S0-47 out of reach counts as no attempt, and keeps the place`() {
        #expect(self.kept(Self.job(attempts: 1, made: 1), .create, .failed(Self.away)) == [Self.job()])
    }

    @Test func `a refusal is final, silence is looked into, and money is waited for`() {
        let job = Self.job(attempts: 1, made: 1)
        #expect(self.kept(job, .create, .failed(Self.refused)).last?.state.failure?.message == "not as it is")
        #expect(self.kept(job, .create, .failed(Self.silent)).last?.made == 1)
        let poor = ProviderError(.outOfCredits, "nothing left", disposition: .retryLater)
        #expect(self.kept(job, .create, .failed(poor)).last?.dueAt == self.start + 60)
        let asked = ProviderError(.rateLimited, "too often", disposition: .retry(after: .seconds(90)))
        #expect(self.kept(job, .create, .failed(asked)).last?.dueAt == self.start + 90)
    }

    @Test func `a stop of the program is no attempt, and what may have arrived is looked for`() {
        var job = Self.job(attempts: 0, made: 1)
        job.dueAt = self.start + self.machine.pace.hold
        #expect(self.kept(Self.job(attempts: 1, made: 1), .create, .interrupted) == [job])
    }

    @Test func `S0-13 what was given up as too slow is looked for when the provider is done with it too`() {
        let job = Self.job(attempts: 1, made: 1)
        let broken = ProviderError(.unreachable, "broken", disposition: .unknownOutcome)
        #expect(self.kept(job, .create, .failed(Self.silent)).last?.dueAt == self.start + 21)
        #expect(self.kept(job, .create, .failed(broken)).last?.dueAt == self.start + 2)
        #expect(self.kept(job, .update("p1"), .failed(Self.silent)).last?.dueAt == self.start + 4)
    }

    // MARK: Progress

    @Test func `S0-14 looks are 2, 4, 8, 16, 30 and 30 seconds apart, and after twenty it has timed out`() {
        var job = Self.job(.processing, id: "p1", made: 1)
        var pauses: [Double] = [self.machine.pace.poll(1) / .seconds(1)]
        let part = RemotePart.document(RemoteDocument(id: "d", name: "D", progress: .building))
        job.dueAt = self.start + 2
        while job.state.status == .processing, pauses.count < 100 {
            let now = job.dueAt
            let event = SyncMachine.Event.seen(RemotePersona(id: "p1", name: "C"), [part])
            job = self.kept(job, .look("p1"), event, after: now.timeIntervalSince(self.start)).last ?? job
            if job.state.status == .processing { pauses.append(job.dueAt.timeIntervalSince(now)) }
        }
        #expect(pauses == [2, 4, 8, 16] + Array(repeating: 30, count: 16))
        #expect(job.state.status == .error && job.state.failure?.message.hasPrefix("timed out") == true)
    }

    @Test func `who looks often does not make it time out earlier`() {
        var job = Self.job(.processing, id: "p1", made: 1)
        let part = RemotePart.document(RemoteDocument(id: "d", name: "D", progress: .building))
        for _ in 0..<100 { job = self.looked([part], from: job) ?? job }
        #expect(job.state.status == .processing)
    }

    @Test func `without a word of the provider's, a persona is ready when all that it is made of is`() {
        let job = Self.job(.processing, id: "p1", made: 1)
        let reading = RemotePart.document(RemoteDocument(id: "d1", name: "D", progress: .building))
        #expect(self.looked([], from: job)?.state.status == .ready)
        #expect(self.looked([Self.replica], from: job)?.state.status == .ready)
        #expect(self.looked([Self.replica, reading], from: job)?.state.status == .processing)
        let broken = RemotePart.document(
            RemoteDocument(id: "d2", name: "D", progress: .failed, errorCode: "file_empty"))
        let failed = self.looked([reading, broken], from: job)?.state
        #expect(failed?.failure == .init(code: "file_empty", message: "the document d2 could not be read: file_empty"))
        #expect(self.looked([.missing(.replica, id: "r9")], from: job)?.state.failure?.code == "unknown_replica")
        #expect(failed?.source == .derived)
    }

    @Test func `a word of the provider's is believed, and said to be its own`() {
        let job = Self.job(.processing, id: "p1", made: 1)
        for (word, status) in [
            (SyncStatus.queued, SyncStatus.processing), (.processing, .processing), (.ready, .ready), (.error, .error),
        ] {
            let state = self.looked([], word, from: job)?.state
            #expect(state?.status == status && state?.source == .provider)
        }
        let waiting = Self.job(.queued, id: "p1", made: 1)
        #expect(self.looked([], .queued, from: waiting)?.state.status == .queued)
    }

    @Test func `S0-7 nothing is ready that was not processing before`() {
        let jobs = self.kept(
            Self.job(.queued, id: "p1", made: 1), .look("p1"), .seen(RemotePersona(id: "p1", name: "C"), []))
        #expect(jobs.map(\.state.status) == [.processing, .ready])
    }

    @Test func `one that is not to be seen yet is waited for, and one that stays away has failed`() {
        var job = Self.job(.processing, id: "p1", made: 1)
        for _ in 1...4 { job = self.kept(job, .look("p1"), .failed(Self.gone)).last ?? job }
        #expect(job.state.status == .processing)
        job = self.kept(job, .look("p1"), .failed(Self.gone)).last ?? job
        #expect(job.state.failure?.code == "provider_gone")
        // Taken up again, it is made anew.
        let again = self.kept(Self.job(.queued, id: "p1", made: 1), .look("p1"), .failed(Self.gone))
        #expect(again == [Self.job()])
    }

    // MARK: Changes

    @Test func `a change that arrived is told no more, and one that cannot be leaves the persona ready`() {
        var job = Self.job(.ready, id: "p1")
        job.revision = 2
        job.state.change = .pending
        var expected = Self.job(.ready, id: "p1", made: 2)
        expected.revision = 2
        #expect(self.kept(job, .update("p1"), .updated) == [expected])
        let failed = self.kept(job, .update("p1"), .failed(Self.refused)).last
        #expect(failed?.state.status == .ready)
        #expect(failed?.state.change == .failed(.init(code: "provider_rejected", message: "not as it is")))
        #expect(self.kept(job, .update("p1"), .failed(Self.later)).last?.dueAt == self.start + 2)
    }

    @Test func `one that is lost there is made anew while it is edited, and ready all the time`() {
        var job = Self.job(.ready, id: "p1")
        job.revision = 2
        job.state.change = .pending
        let lost = self.kept(job, .update("p1"), .failed(Self.gone)).last
        #expect(lost.map { self.machine.step(for: $0) } == .create && lost?.state.status == .ready)
        let noted = lost.flatMap { self.machine.note(.create, on: $0) } ?? job
        let made = self.kept(noted, .create, .created(RemotePersona(id: "p2", name: "C"))).last
        #expect(made?.state.status == .ready && made?.state.remoteID == "p2" && made?.state.change == nil)
    }

    // MARK: Goodbye

    @Test func `who is to go is found, taken out, and asked for ever if need be`() {
        var job = Self.job(made: 1)
        job.wish = .absent
        #expect(self.machine.verdict(job, .find, .found(nil), now: self.start) == .forget)
        #expect(
            self.kept(job, .find, .found(RemotePersona(id: "p1", name: ""))).last.map { self.machine.step(for: $0) }
                == .delete("p1"))
        job.state.remoteID = "p1"
        #expect(self.machine.verdict(job, .delete("p1"), .deleted, now: self.start) == .forget)
        job.state.attempts = 50
        let refused = self.kept(job, .delete("p1"), .failed(Self.refused)).last
        #expect(refused?.state.status == .queued && refused?.dueAt == self.start + 3_600)
    }
}

@Suite struct ProviderGateTests {
    private let start = SyncMachineTests.start
    private let away = ProviderError(.unreachable, "not reached", disposition: .retry(after: nil))
    private let failing = ProviderError(.unavailable, "failed", disposition: .retry(after: nil))

    private func enters(_ gate: inout ProviderGate, _ now: Date) -> Bool { gate.enter(now: now) }

    @Test func `S0-47 out of reach, it lets one through at a time, after 2, 4, 8, 16, 30 and 30 seconds`() {
        var gate = ProviderGate()
        var now = self.start
        var pauses: [Double] = []
        for _ in 0..<6 {
            let isThrough = self.enters(&gate, now)
            #expect(isThrough)
            gate.failed(self.away, now: now, dice: 0)
            let until = gate.pause(now: now) ?? now
            pauses.append(until.timeIntervalSince(now))
            let isSecond = self.enters(&gate, now + 1)
            #expect(!isSecond)
            now = until
        }
        #expect(pauses == [2, 4, 8, 16, 30, 30])
        let probes = [self.enters(&gate, now), self.enters(&gate, now)]
        gate.answered()
        #expect(probes == [true, false] && gate.isOpen)
        let others = [self.enters(&gate, now), self.enters(&gate, now)]
        #expect(others == [true, true])
    }

    @Test func `one that fails by itself does not shut it, three in a row do, and an answer starts afresh`() {
        var gate = ProviderGate()
        for _ in 0..<2 { gate.failed(self.failing, now: self.start, dice: 0) }
        #expect(gate.isOpen)
        gate.failed(ProviderError(.rejected, "no", disposition: .never), now: self.start, dice: 0)
        for _ in 0..<2 { gate.failed(self.failing, now: self.start, dice: 0) }
        #expect(gate.isOpen)
        gate.failed(self.failing, now: self.start, dice: 0)
        #expect(gate.pause(now: self.start) == self.start + 2)
    }

    @Test func `a provider that wants to be left alone is`() {
        var gate = ProviderGate()
        let asked = ProviderError(.rateLimited, "too often", disposition: .retry(after: .seconds(40)))
        gate.failed(asked, now: self.start, dice: 0)
        #expect(gate.pause(now: self.start) == self.start + 40)
    }

    @Test func `a probe that was given up holds nobody up`() {
        var gate = ProviderGate()
        gate.failed(self.away, now: self.start, dice: 0)
        let isThrough = self.enters(&gate, self.start + 2)
        #expect(isThrough && gate.pause(now: self.start + 3) != nil)
        gate.left(now: self.start + 3)
        #expect(gate.pause(now: self.start + 3) == nil)
    }
}
