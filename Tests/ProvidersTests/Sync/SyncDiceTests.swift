import Foundation
import JSON
import Personas
import Studio
import Testing

@testable import Providers

@Suite(.timeLimit(.minutes(2))) struct SyncDiceTests {
    private static let edges: Set<[SyncStatus]> = [
        [.queued, .processing], [.processing, .ready], [.queued, .error], [.processing, .error], [.error, .queued],
    ]
    private static let errors: [ProviderError] = [
        RemoteWorld.away, RemoteWorld.silent, RemoteWorld.failing,
        ProviderError(.rejected, "not as it is", disposition: .never),
        ProviderError(.rateLimited, "too often", disposition: .retry(after: .seconds(5))),
        ProviderError(.outOfCredits, "nothing left", disposition: .retryLater),
        ProviderError(.gone, "nothing of that id", disposition: .never),
    ]

    /// One thing that users, the provider or the time may do.
    private func disturb(_ bench: SyncBench, _ scenarios: inout [Scenario], _ dice: inout Dice) async throws {
        let scenario = scenarios[dice.roll(scenarios.count)]
        let id = scenario.persona.id
        switch dice.roll(12) {
        case 0: scenarios.append(try await bench.order("C\(scenarios.count)"))
        case 1: try? await bench.edit(scenario) { $0.context = "turn \(dice.roll(1_000))" }
        case 2: _ = try await bench.watch.retry(id, of: "tara", now: bench.clock.now)
        case 3: try await bench.store.nudge(of: "tara", now: bench.clock.now)
        case 4:
            let kinds = ["create", "find", "persona", "update", "delete"]
            bench.world.fail(kinds[dice.roll(kinds.count)], .error(Self.errors[dice.roll(Self.errors.count)]))
        case 5: bench.world.fail("create", .lostAnswer)
        case 6: bench.world.change { $0.isAway.toggle() }
        case 7: bench.world.change { $0.status = [nil, .queued, .processing, .ready, .error][dice.roll(5)] }
        case 8: _ = try await bench.sync.look(id.rawValue, of: "tara")
        case 9 where scenarios.count > 3: try? await bench.store.deleteScenario(scenario.id, of: "tara", version: nil)
        default: await bench.pass(1 + dice.roll(10))
        }
    }

    @Test(arguments: 1...12) func `S0-7 whatever happens in whatever order, no step is seen that does not exist`(
        seed: Int
    ) async throws {
        try await SyncBench.run { bench in
            var dice = Dice(seed)
            var scenarios = [try await bench.order("C0")]
            for _ in 0..<80 {
                try await self.disturb(bench, &scenarios, &dice)
                for scenario in scenarios {
                    guard let state = try? await bench.state(scenario) else { continue }
                    #expect((state.status == .error) == (state.failure != nil))
                }
            }
            for scenario in scenarios {
                let history = [.queued] + bench.watch.history(scenario.persona.id)
                for (before, after) in zip(history, history.dropFirst()) where before != after {
                    #expect(Self.edges.contains([before, after]), "\(before) to \(after)")
                }
            }
        }
    }

    @Test(arguments: 1...12) func `S0-13 S0-47 when all is calm again, each persona is there once and as it should be`(
        seed: Int
    ) async throws {
        try await SyncBench.run { bench in
            var dice = Dice(seed * 1_000)
            var scenarios = [try await bench.order("C0")]
            for _ in 0..<60 { try await self.disturb(bench, &scenarios, &dice) }
            bench.world.change {
                $0.isAway = false
                $0.status = nil
                $0.mishaps = [:]
            }
            try await self.calm(bench, scenarios)
            let wanted = await self.kept(bench, scenarios)
            let markers = wanted.map { "[\(ProviderJob.marker(for: $0.persona.id))]" }
            for marker in markers {
                let count = bench.world.personas.count { $0.systemPrompt?.contains(marker) == true }
                #expect(count == 1, "\(marker)")
            }
            #expect(bench.world.personas.count == wanted.count)
            for scenario in wanted { try await self.isAsWanted(scenario, bench) }
        }
    }

    /// Retries what failed, and waits until nothing is to be done.
    private func calm(_ bench: SyncBench, _ scenarios: [Scenario]) async throws {
        for _ in 0..<4 {
            for scenario in scenarios {
                _ = try await bench.watch.retry(scenario.persona.id, of: "tara", now: bench.clock.now)
            }
            // Longer than a goodbye that failed often is left alone.
            for _ in 0..<130 {
                bench.clock.pass(30)
                await bench.work()
            }
        }
    }

    private func kept(_ bench: SyncBench, _ scenarios: [Scenario]) async -> [Scenario] {
        var kept: [Scenario] = []
        for scenario in scenarios {
            if let found = try? await bench.store.scenario(scenario.id, of: "tara") { kept.append(found) }
        }
        return kept
    }

    private func isAsWanted(_ scenario: Scenario, _ bench: SyncBench) async throws {
        let job = try #require(await bench.store.job(scenario.persona.id.rawValue, of: "tara"))
        #expect(job.state.status == .ready && job.state.change == nil)
        let remoteID = try #require(job.state.remoteID)
        #expect(bench.world.state.withLock { $0.bodies[remoteID] } == job.payload)
    }
}

/// Chance that comes the same again.
struct Dice {
    private var state: UInt64

    init(_ seed: Int) { self.state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func roll(_ sides: Int) -> Int {
        self.state ^= self.state << 13
        self.state ^= self.state >> 7
        self.state ^= self.state << 17
        return Int(self.state >> 33) % sides
    }
}
