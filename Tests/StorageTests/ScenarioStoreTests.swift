import Foundation
import Studio
import Testing

@Suite struct ScenarioStoreTests {
    @Test func `a scenario comes back as it was kept, also after a restart`() async throws {
        let folder = StoreFolder()
        var scenario = Sample.scenario()
        scenario.persona.config.systemPrompt = "बोलिए \u{0} \"quoted\" 😀"
        scenario.persona.config.documentIDs = ["d1"]
        let kept = scenario
        _ = try await folder.open { try await $0.create(kept, queueing: nil, answering: nil) }
        #expect(try await folder.open { try await $0.scenario(kept.id, of: "tara") } == kept)
    }

    @Test func `somebody else's scenario cannot be told from one that is not there`() async throws {
        try await StoreFolder.with { store in
            let scenario = Sample.scenario()
            _ = try await store.create(scenario, queueing: nil, answering: nil)
            #expect(await code { _ = try await store.scenario(scenario.id, of: "ravi") } == .notFound)
            #expect(await code { _ = try await store.scenario(.new("scn"), of: "ravi") } == .notFound)
            var stolen = scenario
            stolen.owner = "ravi"
            #expect(await code { _ = try await store.replace(stolen, queueing: nil, version: nil) } == .notFound)
            #expect(await code { try await store.deleteScenario(scenario.id, of: "ravi", version: nil) } == .notFound)
            #expect(await code { _ = try await store.persona(scenario.persona.id, of: "ravi") } == .notFound)
            #expect(try await store.persona(scenario.persona.id, of: nil).scenarioID == scenario.id)
        }
    }

    @Test func `a list is filtered, goes from new to old, and is walked without a gap`() async throws {
        try await StoreFolder.with { store in
            for number in 0..<25 {
                // Some of the same moment: only the id orders those.
                let category: Studio.Category = number % 2 == 0 ? .leadership : .communication
                let scenario = Sample.scenario("Title \(number)", category: category, after: Double(number / 4))
                _ = try await store.create(scenario, queueing: nil, answering: nil)
            }
            _ = try await store.create(Sample.scenario("Other", owner: "ravi"), queueing: nil, answering: nil)
            var query = ScenarioQuery(owner: "tara")
            query.window.count = 7
            var titles: [String] = []
            var times: [Date] = []
            repeat {
                let page = try await store.scenarios(query)
                #expect(page.total == 25 && page.items.count <= 7)
                titles += page.items.map(\.details.title)
                times += page.items.map(\.createdAt)
                query.window.after = page.next
            } while query.window.after != nil
            #expect(Set(titles).count == 25 && titles.count == 25)
            #expect(times == times.sorted(by: >))
            query.category = .communication
            #expect(try await store.scenarios(query).total == 12)
            query.difficulty = .advanced
            #expect(try await store.scenarios(query).total == 0)
            #expect(try await store.scenarioCounts(of: "tara") == [.leadership: 13, .communication: 12])
        }
    }

    @Test(arguments: [("übung", 1), ("KINDLY", 1), ("Feed", 1), ("%", 0), ("_", 0), ("'; DROP TABLE scenarios; --", 0)])
    func `a search looks through title, description and tags, and takes no text for a pattern`(
        text: String, count: Int
    ) async throws {
        try await StoreFolder.with { store in
            _ = try await store.create(Sample.scenario(), queueing: nil, answering: nil)
            var query = ScenarioQuery(owner: "tara")
            query.text = text
            #expect(try await store.scenarios(query).total == count)
        }
    }

    @Test func `an old version is not replaced, and a deleted scenario takes its persona along`() async throws {
        try await StoreFolder.with { store in
            var scenario = Sample.scenario()
            _ = try await store.create(scenario, queueing: nil, answering: nil)
            scenario.details.title = "Second"
            let second = try await store.replace(scenario, queueing: nil, version: 1)
            #expect(second.version == 2 && second.details.title == "Second")
            let old = scenario
            #expect(await code { _ = try await store.replace(old, queueing: nil, version: 1) } == .changed)
            #expect(await code { try await store.deleteScenario(old.id, of: "tara", version: 1) } == .changed)
            try await store.deleteScenario(scenario.id, of: "tara", version: 2)
            #expect(await code { _ = try await store.persona(old.persona.id, of: "tara") } == .notFound)
        }
    }

    @Test func `the same request makes one scenario, and is told the same`() async throws {
        try await StoreFolder.with { store in
            let answer = Sample.answer("key-1")
            let first = try await store.create(Sample.scenario(), queueing: nil, answering: answer)
            let second = try await store.create(Sample.scenario(), queueing: nil, answering: answer)
            #expect(first == .made && second == .repeated(answer))
            let other = Sample.answer("key-1", fingerprint: "f2")
            #expect(
                await code { _ = try await store.create(Sample.scenario(), queueing: nil, answering: other) }
                    == .keyReused)
            // The key of somebody else is another key.
            let foreign = Sample.answer("key-1", owner: "ravi")
            let third = try await store.create(Sample.scenario(owner: "ravi"), queueing: nil, answering: foreign)
            let total = try await store.scenarios(ScenarioQuery(owner: "tara")).total
            #expect(third == .made && total == 1)
        }
    }

    @Test func `an answer goes with what it is about`() async throws {
        try await StoreFolder.with { store in
            let answer = Sample.answer("key-3")
            let scenario = Sample.scenario()
            _ = try await store.create(scenario, queueing: nil, answering: answer)
            try await store.deleteScenario(scenario.id, of: "tara", version: nil)
            let again = try await store.create(Sample.scenario("Again"), queueing: nil, answering: answer)
            #expect(again == .made)
        }
    }

    @Test func `a request that fails leaves neither a scenario nor its answer`() async throws {
        try await StoreFolder.with { store in
            let scenario = Sample.scenario()
            _ = try await store.create(scenario, queueing: nil, answering: nil)
            var twin = Sample.scenario("Twin")
            twin.persona.id = scenario.persona.id
            let failing = twin
            let answer = Sample.answer("key-2")
            #expect(await code { _ = try await store.create(failing, queueing: nil, answering: answer) } == .exists)
            #expect(await code { _ = try await store.scenario(failing.id, of: "tara") } == .notFound)
            #expect(try await store.create(Sample.scenario("Third"), queueing: nil, answering: answer) == .made)
        }
    }

    @Test func `writes from many sides are all kept, and those that fail disturb no other`() async throws {
        try await StoreFolder.with { store in
            let taken = Sample.scenario("taken")
            _ = try await store.create(taken, queueing: nil, answering: nil)
            let made = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        var scenario = Sample.scenario("Title \(number)")
                        if number % 5 == 0 { scenario.persona.id = taken.persona.id }
                        return (try? await store.create(scenario, queueing: nil, answering: nil)) != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 160)
            #expect(try await store.scenarios(ScenarioQuery(owner: "tara")).total == 161)
        }
    }
}
