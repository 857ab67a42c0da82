import Foundation
import JSON
import Observability
import Personas
import Studio
import Testing

@testable import Providers

@Suite(.timeLimit(.minutes(1))) struct ProviderSyncTests {
    // MARK: From order to ready

    @Test func `S0-43 S0-44 an order is queued, then processing, then ready, with one POST`() async throws {
        try await SyncBench.run { bench in
            let scenario = try await bench.order("Coach")
            #expect(try await bench.state(scenario)?.status == .queued)
            await bench.work()
            #expect(try await bench.state(scenario)?.status == .processing)
            #expect(bench.world.calls == ["create Coach"])
            await bench.pass(1)
            #expect(bench.world.calls.count == 1)
            await bench.pass(1)
            let state = try await bench.state(scenario)
            #expect(state?.status == .ready && state?.remoteID == "p1" && state?.change == nil)
            await bench.pass(600)
            #expect(bench.world.calls == ["create Coach", "persona p1"])
        }
    }

    @Test func `a persona waits for its replica and its documents, one after the other`() async throws {
        try await SyncBench.run { bench in
            bench.world.change {
                $0.replicas["r1"] = RemoteReplica(id: "r1", name: "R", progress: .building)
                $0.documents["d1"] = RemoteDocument(id: "d1", name: "D", progress: .building)
            }
            let scenario = try await bench.order("Coach") {
                $0.defaultReplicaID = "r1"
                $0.documentIDs = ["d1"]
            }
            await bench.pass(20)
            #expect(try await bench.state(scenario)?.status == .processing)
            #expect(!bench.world.calls.contains("document d1"))
            bench.world.change { $0.replicas["r1"]?.progress = .ready }
            await bench.pass(40)
            #expect(bench.world.calls.contains("document d1"))
            #expect(try await bench.state(scenario)?.status == .processing)
            bench.world.change { $0.documents["d1"]?.progress = .ready }
            await bench.pass(30)
            #expect(try await bench.state(scenario)?.status == .ready)
        }
    }

    @Test func `a document that the provider cannot read is told with its code`() async throws {
        try await SyncBench.run { bench in
            bench.world.change {
                $0.documents["d1"] = RemoteDocument(id: "d1", name: "D", progress: .failed, errorCode: "file_empty")
            }
            let scenario = try await bench.order("Coach") { $0.documentIDs = ["d1"] }
            await bench.pass(3)
            let state = try await bench.state(scenario)
            #expect(state?.status == .error && state?.failure?.code == "file_empty")
        }
    }

    @Test func `a status that the provider names is believed and said to be its own`() async throws {
        try await SyncBench.run { bench in
            bench.world.change { $0.status = .processing }
            let scenario = try await bench.order("Coach")
            await bench.pass(10)
            #expect(try await bench.state(scenario)?.status == .processing)
            bench.world.change { $0.status = .ready }
            await bench.pass(10)
            let state = try await bench.state(scenario)
            #expect(state?.status == .ready && state?.source == .provider)
        }
    }

    // MARK: Once and only once

    @Test func `S0-13 an answer that is lost is no second persona`() async throws {
        try await SyncBench.run { bench in
            bench.world.fail("create", .lostAnswer)
            let scenario = try await bench.order("Coach")
            // The provider has its time to be done with it first.
            await bench.pass(30)
            #expect(try await bench.state(scenario)?.status == .ready)
            #expect(bench.world.personas.count == 1)
            #expect(bench.world.calls.prefix(2) == ["create Coach", "find"])
        }
    }

    @Test func `S0-13 S0-45 whoever dies between sending and answer is followed by one who looks first`() async throws {
        try await SyncBench.run { bench in
            let scenario = try await bench.order("Coach")
            // Sent, and then the disk, and with it all that was learnt, is gone.
            var job = try #require(
                await bench.store.claim(.creation, by: "dead", now: bench.clock.now, until: bench.clock.now + 31))
            job = try #require(SyncMachine().note(.create, on: job))
            #expect(try await bench.store.settle(job, by: "dead", until: bench.clock.now + 31))
            _ = try await bench.world.create(job.payload)
            await bench.pass(30)
            #expect(bench.world.calls == ["create Coach"])
            await bench.pass(4)
            #expect(try await bench.state(scenario)?.status == .ready)
            #expect(bench.world.calls == ["create Coach", "find", "persona p1"])
        }
    }

    @Test func `S0-13 nothing is sent where the attempt cannot be noted`() async throws {
        try await SyncBench.run { bench in
            let scenario = try await bench.order("Coach")
            bench.watch.isBroken.withLock { $0 = true }
            await bench.pass(5)
            #expect(bench.world.calls.isEmpty)
            bench.watch.isBroken.withLock { $0 = false }
            await bench.pass(60)
            #expect(try await bench.state(scenario)?.status == .ready && bench.world.personas.count == 1)
        }
    }

    @Test func `two at the same jobs make each persona once`() async throws {
        try await SyncBench.run { bench in
            for number in 1...20 { _ = try await bench.order("C\(number)") }
            let other = bench.successor()
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await bench.work() }
                group.addTask { await bench.work(other) }
            }
            #expect(bench.world.calls.count { $0.hasPrefix("create") } == 20)
            #expect(bench.world.personas.count == 20)
        }
    }

    // MARK: Trouble

    @Test func `S0-46 five attempts with pauses, then an error that says so, and a retry begins anew`() async throws {
        try await SyncBench.run { bench in
            for _ in 0..<5 { bench.world.fail("create", .error(RemoteWorld.failing)) }
            let scenario = try await bench.order("Coach")
            await bench.pass(120)
            let state = try await bench.state(scenario)
            #expect(bench.world.calls == Array(repeating: "create Coach", count: 5))
            #expect(state?.status == .error && state?.failure?.code == "provider_unavailable")
            #expect(state?.failure?.message.contains("trace") == false)
            #expect(try await bench.watch.retry(scenario.persona.id, of: "tara", now: bench.clock.now))
            await bench.pass(5)
            #expect(try await bench.state(scenario)?.status == .ready)
        }
    }

    @Test func `S0-47 what was saved while the provider was away is made in order, none lost, none doubled`()
        async throws
    {
        try await SyncBench.run { bench in
            bench.world.change { $0.isAway = true }
            var scenarios: [Scenario] = []
            for number in 1...6 {
                scenarios.append(try await bench.order("C\(number)"))
                await bench.pass(20)
            }
            let probes = bench.world.calls.count
            // 2, 4, 8, 16, 30 and 30 seconds apart.
            #expect(bench.world.calls.allSatisfy { $0 == "create C1" } && (5...9).contains(probes))
            for scenario in scenarios { #expect(try await bench.state(scenario)?.status == .queued) }
            bench.world.change { $0.isAway = false }
            await bench.pass(40)
            #expect(bench.world.personas.map(\.name) == (1...6).map { "C\($0)" })
            for scenario in scenarios { #expect(try await bench.state(scenario)?.status == .ready) }
        }
    }

    @Test func `S0-57 the provider's own words are in the log under the persona's id, and nowhere else`() async throws {
        try await SyncBench.run { bench in
            bench.world.fail("create", .error(RemoteWorld.failing))
            let scenario = try await bench.order("Coach")
            await bench.orders.placed(scenario.persona.id, inRequest: "req_7")
            await bench.work()
            let lines = bench.log.records.filter { record in
                record.fields.contains { $0 == .jobID && $1 == .text(scenario.persona.id.rawValue) }
            }
            #expect(lines.contains { $0.fields.contains { $0 == .requestID && $1 == .text("req_7") } })
            #expect(lines.contains { $0.fields.contains { $1 == .text("500 upstream trace") } })
        }
    }

    // MARK: Changes and goodbyes

    @Test func `an edit of a ready persona changes the one that is there`() async throws {
        try await SyncBench.run { bench in
            let scenario = try await bench.order("Coach")
            await bench.pass(3)
            try await bench.edit(scenario) { $0.name = "Guide" }
            #expect(try await bench.state(scenario)?.change == .pending)
            await bench.work()
            #expect(try await bench.state(scenario)?.change == nil)
            #expect(bench.world.state.withLock { $0.bodies["p1"]?["persona_name"] } == "Guide")
            #expect(bench.world.personas.count == 1 && bench.world.calls.last == "update p1")
            #expect(bench.watch.history(scenario.persona.id).last == .ready)
        }
    }

    @Test func `an edit before the provider has it is made at once as it should be`() async throws {
        try await SyncBench.run { bench in
            bench.world.fail("create", .lostAnswer)
            let scenario = try await bench.order("Coach")
            await bench.work()
            try await bench.edit(scenario) { $0.name = "Guide" }
            await bench.pass(30)
            #expect(bench.world.personas.count == 1)
            #expect(bench.world.state.withLock { $0.bodies["p1"]?["persona_name"] } == "Guide")
            #expect(try await bench.state(scenario)?.status == .ready)
        }
    }

    @Test func `who is deleted here is deleted there, also where nobody knew that it was there`() async throws {
        try await SyncBench.run { bench in
            let known = try await bench.order("Known")
            await bench.pass(3)
            bench.world.fail("create", .lostAnswer)
            let unknown = try await bench.order("Unknown")
            await bench.work()
            let unsent = try await bench.order("Unsent")
            for scenario in [known, unknown, unsent] {
                try await bench.store.deleteScenario(scenario.id, of: "tara", version: nil)
            }
            await bench.pass(30)
            #expect(bench.world.personas.isEmpty && !bench.world.calls.contains("create Unsent"))
            #expect(try await bench.store.nextDue(.care, now: bench.clock.now) == nil)
        }
    }

    // MARK: Whoever asks

    @Test func `S0-15 a look asks the provider once, and what it shows is kept`() async throws {
        try await SyncBench.run { bench in
            let scenario = try await bench.order("Coach")
            let id = scenario.persona.id.rawValue
            #expect(try await bench.sync.look(id, of: "tara")?.state.status == .queued)
            await bench.work()
            let job = try await bench.sync.look("p1", of: "tara")
            #expect(job?.state.status == .ready && bench.world.calls == ["create Coach", "persona p1"])
            #expect(try await bench.state(scenario)?.status == .ready)
            #expect(bench.watch.history(scenario.persona.id).suffix(2) == [.processing, .ready])
            _ = try await bench.sync.look(id, of: "tara")
            #expect(bench.world.calls.count == 3)
            #expect(try await bench.sync.look(id, of: "ravi") == nil)
        }
    }

    @Test func `S0-15 where the provider cannot be asked, what is known stands`() async throws {
        try await SyncBench.run { bench in
            let scenario = try await bench.order("Coach")
            await bench.work()
            bench.world.change { $0.isAway = true }
            let id = scenario.persona.id.rawValue
            for _ in 0..<3 { #expect(try await bench.sync.look(id, of: "tara")?.state.status == .processing) }
            #expect(bench.world.calls == ["create Coach", "persona p1"])
        }
    }

    @Test func `the loops start what is there, wake when there is more, and stop`() async throws {
        try await SyncBench.run { bench in
            await bench.sync.start()
            let scenario = try await bench.order("Coach")
            await bench.orders.placed(scenario.persona.id, inRequest: "req_1")
            while try await bench.state(scenario)?.status != .processing { await Task.yield() }
            await bench.sync.stop()
            #expect(bench.world.personas.count == 1)
        }
    }

    @Test func `S0-46 metrics say what waits and what came of it`() async throws {
        try await SyncBench.run { bench in
            bench.world.change { $0.isAway = true }
            _ = try await bench.order("Coach")
            await bench.pass(9)
            #expect(bench.metrics.prometheusText().contains(#"vaani_provider_reachable 0"#))
            bench.world.change { $0.isAway = false }
            await bench.pass(20)
            let text = bench.metrics.prometheusText()
            #expect(text.contains(#"vaani_provider_steps_total{step="create",outcome="done"} 1"#))
            #expect(text.contains(#"vaani_provider_personas{state="queued"} 0"#))
        }
    }
}
