import Foundation
import JSON
import LanguageModels
import Personas
import Synchronization
import Testing

@testable import Studio

@Suite(.timeLimit(.minutes(1))) struct PromptJobTests {
    private static let template = RecordID.new("tpl")

    /// A studio with a template and some people.
    private struct Stage {
        let store = MemoryStore()
        let model: ScriptedModel
        let jobs: PromptJobs
        let people: [GeneratedPersona]

        init(_ count: Int = 2, _ model: ScriptedModel = .good(), limits: PromptJobs.Limits = .init()) async throws {
            self.model = model
            let clock = StudioClock(seconds: { 0 }, sleep: { _ in try Task.checkCancellation() })
            // The sweep of a clock that never waits would spin.
            let calm = StudioClock(
                seconds: clock.seconds,
                sleep: { if $0 >= .seconds(60) { try await Task.sleep(for: $0) } })
            self.jobs = PromptJobs(
                store: self.store, writer: PromptWriter(model: model), limits: limits, clock: calm)
            self.people = (0..<count).map {
                GeneratedPersona(id: GeneratedPersona.newID(), members: ["name": .string("Person \($0)")])
            }
            try await self.store.create(self.people, of: "tara", at: .now)
            _ = try await self.store.create(
                ScenarioTemplate(
                    id: PromptJobTests.template, owner: "tara", name: "T", data: Scenes.facts().data, createdAt: .now,
                    updatedAt: .now), answering: nil)
        }

        func begin(_ items: [PromptJob.Item]? = nil) async throws -> RecordID {
            let items = items ?? self.people.map { PromptJob.Item(personaID: $0.id.rawValue, modes: [.assess]) }
            let job = PromptJob(
                id: PromptJob.newID(), owner: "tara", templateID: PromptJobTests.template, items: items,
                createdAt: .now)
            try await self.jobs.begin(job)
            return job.id
        }

        /// Everything that is told of a job, to its end.
        func events(_ id: RecordID) async throws -> [JSONValue] {
            let feed = try await self.jobs.feed(id, of: "tara")
            var events: [JSONValue] = []
            while true {
                let part = feed.part(after: events.count)
                events += part.events
                if part.isOver { return events }
                await feed.wait(after: events.count)
            }
        }

        func item(_ index: Int, _ modes: GenerationMode...) -> PromptJob.Item {
            PromptJob.Item(personaID: self.people[index].id.rawValue, modes: modes)
        }
    }

    private func words(_ event: JSONValue) -> String {
        [event["type"], event["status"], event["persona_id"]].compactMap { $0?.string }.joined(separator: " ")
    }

    @Test func `S3-17 S3-13 S3-14 S3-36: events come in order, and the results come last`() async throws {
        var limits = PromptJobs.Limits()
        limits.personasAtOnce = 1
        let stage = try await Stage(limits: limits)
        let ids = stage.people.map(\.id.rawValue)
        let events = try await stage.events(try await stage.begin())
        #expect(
            events.map(self.words) == [
                "status_update processing", "persona_progress processing \(ids[0])",
                "persona_progress completed \(ids[0])", "persona_progress processing \(ids[1])",
                "persona_progress completed \(ids[1])", "status_update completed", "results",
            ])
    }

    @Test func `S3-15 S3-16 S3-29 S3-28: results count, and tell the length of what is kept`() async throws {
        let stage = try await Stage()
        let job = try await stage.begin([stage.item(0, .assess), stage.item(1, .tryOut)])
        let results = try await stage.events(job).last?["results"]
        #expect(results?["total_personas"] == 2 && results?["successful"] == 2 && results?["failed"] == 0)
        for (index, mode) in ["assess_mode", "try_mode"].enumerated() {
            let kept = try await stage.store.generatedPersona(stage.people[index].id, of: "tara")
            let told = results?["personas"]?[kept.id.rawValue]
            #expect(told?["prompt_length"] == .integer(kept.prompt?.unicodeScalars.count ?? 0))
            #expect(told?["persona_name"] == .string("Person \(index)") && told?["mode"] == .string(mode))
            #expect(kept["prompt_mode"] == .string(mode) && kept["prompt_generated_at"]?.string?.hasSuffix("Z") == true)
        }
    }

    @Test func `S3-29: a prompt is kept before anybody is told`() async throws {
        let stage = try await Stage(1)
        let id = try await stage.begin()
        let feed = try await stage.jobs.feed(id, of: "tara")
        var seen = 0
        while true {
            let part = feed.part(after: seen)
            seen += part.events.count
            if part.events.contains(where: { $0["status"] == "completed" && $0["type"] == "persona_progress" }) {
                #expect(try await stage.store.generatedPersona(stage.people[0].id, of: "tara").prompt != nil)
            }
            if part.isOver { return }
            await feed.wait(after: seen)
        }
    }

    @Test func `S3-26 S3-27: asked for try and assess, one call writes one prompt for both`() async throws {
        let stage = try await Stage(1)
        _ = try await stage.events(try await stage.begin([stage.item(0, .tryOut, .assess)]))
        #expect(stage.model.requests(.personaPrompt).count == 1)
        #expect(stage.model.requests.first?.facts["persona"]?["name"] == "Person 0")
        let kept = try await stage.store.generatedPersona(stage.people[0].id, of: "tara")
        #expect(kept["prompt_mode"] == "assess_mode" && kept["modes"] == ["assess_mode", "try_mode"])
    }

    @Test func `S3-25 S3-28 C-11 B-19: learners share the expert's prompt, which is written once`() async throws {
        let stage = try await Stage(3)
        _ = try await stage.events(
            try await stage.begin([stage.item(0, .learn), stage.item(1, .learn), stage.item(2, .assess)]))
        let calls = stage.model.requests(.personaPrompt)
        #expect(calls.count == 2 && calls.count { $0.facts["persona"] == nil } == 1)
        let kept = try await stage.store.generatedPersona(stage.people[0].id, of: "tara")
        #expect(kept["prompt_mode"] == "learn_mode")
    }

    @Test func `C-13: asked for all modes, a persona has the expert's prompt beside its own`() async throws {
        let stage = try await Stage(1)
        let results = try await stage.events(try await stage.begin([stage.item(0, .learn, .assess, .tryOut)])).last
        #expect(stage.model.requests(.personaPrompt).count == 2)
        let kept = try await stage.store.generatedPersona(stage.people[0].id, of: "tara")
        #expect(kept["prompt_mode"] == "assess_mode" && kept.learnPrompt != nil)
        #expect(kept["modes"] == ["learn_mode", "assess_mode", "try_mode"])
        #expect(results?["results"]?["template_data"]?["learn_prompt"] == kept.learnPrompt.map { .string($0) })
        let told = results?["results"]?["personas"]?[kept.id.rawValue]
        #expect(told?["prompt_length"] == .integer(kept.prompt?.unicodeScalars.count ?? 0))
    }

    @Test func `the expert's prompt, asked for later, leaves the persona's own in its place`() async throws {
        var persona = GeneratedPersona(id: GeneratedPersona.newID(), members: ["name": "Asha"])
        persona.take(WrittenPrompt(text: "Teach", generatedBy: "m"), modes: [.learn], at: .now)
        #expect(persona.prompt == "Teach" && persona["prompt_mode"] == "learn_mode")
        let record = PersonaRecord(persona, owner: "tara", at: .now)
        #expect(record.config.systemPrompt == "Teach")
        #expect(record.config.prompts["assess_mode"]?.hasPrefix("You are Asha") == true)
        persona.take(WrittenPrompt(text: "Be Asha", generatedBy: "m"), modes: [.tryOut], at: .now)
        persona.take(WrittenPrompt(text: "Teach more", generatedBy: "m"), modes: [.learn], at: .now)
        #expect(persona.prompt == "Be Asha" && persona["prompt_mode"] == "try_mode")
        #expect(persona.learnPrompt == "Teach more" && persona["modes"] == ["learn_mode", "try_mode"])
        #expect(PersonaRecord(persona, owner: "tara", at: .now).config.prompts == ["learn_mode": "Teach more"])
    }

    @Test func `S3-38: a job for the template alone leaves its prompt there`() async throws {
        let stage = try await Stage(0)
        let job = try await stage.begin([PromptJob.Item(personaID: PromptJob.templateKey, modes: [.learn])])
        let results = try await stage.events(job).last?["results"]
        #expect(results?["template_data"]?["learn_prompt"]?.string?.hasPrefix("You are") == true)
        #expect(
            try await stage.store.template(Self.template, of: "tara").data["learn_prompt"]
                == results?["template_data"]?["learn_prompt"])
    }

    @Test func `S3-32 S3-10 C-14: one persona's timeout fails that one, and so does one that is unknown`() async throws
    {
        let model = ScriptedModel.good { request, _ async throws(LanguageModelError) in
            guard request.facts["persona"]?["name"] == "Person 0" else { return nil }
            throw LanguageModelError(.timeout, "as scripted")
        }
        let stage = try await Stage(2, model)
        let job = try await stage.begin([
            stage.item(0, .assess), stage.item(1, .assess), PromptJob.Item(personaID: "nobody", modes: [.assess]),
        ])
        let events = try await stage.events(job)
        let results = events.last?["results"]
        #expect(results?["personas"]?[stage.people[0].id.rawValue] == ["status": "failed", "error": "LLM timeout"])
        #expect(results?["personas"]?["nobody"] == ["status": "failed", "error": "persona not found"])
        #expect(results?["successful"] == 1 && results?["failed"] == 2)
        #expect(events.dropLast().last == ["type": "status_update", "status": "completed"])
    }

    @Test func `S3-44: what may pass is tried again twice, and each attempt is told`() async throws {
        let failures = Mutex(2)
        let model = ScriptedModel.good { request, _ async throws(LanguageModelError) in
            let fails = failures.withLock { left in
                left -= 1
                return left >= 0
            }
            guard fails else { return nil }
            throw LanguageModelError(.unavailable, "as scripted", isRetriable: true)
        }
        let stage = try await Stage(1, model)
        let events = try await stage.events(try await stage.begin())
        #expect(events.filter { $0["status"] == "processing" }.compactMap { $0["attempt"]?.integer } == [1, 2, 3])
        #expect(events.last?["results"]?["successful"] == 1)

        let hopeless = try await Stage(1, .failing(.unavailable, isRetriable: true))
        let told = try await hopeless.events(try await hopeless.begin())
        #expect(hopeless.model.requests.count == 3 && told.last?["results"]?["failed"] == 1)
        #expect(told.dropLast().last?["status"] == "failed")
    }

    @Test func `S3-34: asked again for those that failed, the others stay untouched`() async throws {
        let isBroken = Mutex(true)
        let model = ScriptedModel.good { request, call async throws(LanguageModelError) in
            if request.facts["persona"]?["name"] == "Person 0", isBroken.withLock({ $0 }) {
                throw LanguageModelError(.timeout, "as scripted")
            }
            return "You are number \(call)."
        }
        let stage = try await Stage(2, model)
        _ = try await stage.events(try await stage.begin())
        let before = try await stage.store.generatedPersona(stage.people[1].id, of: "tara")
        isBroken.withLock { $0 = false }
        let again = try await stage.events(try await stage.begin([stage.item(0, .assess)]))
        #expect(again.last?["results"]?["successful"] == 1)
        #expect(try await stage.store.generatedPersona(stage.people[1].id, of: "tara") == before)
    }

    @Test func `S3-33: a template that goes away ends the job`() async throws {
        let store = Mutex<MemoryStore?>(nil)
        let model = ScriptedModel.good { _, _ async throws(LanguageModelError) in
            store.withLock { $0 }?.state.withLock { $0.templates = [:] }
            return nil
        }
        var limits = PromptJobs.Limits()
        limits.personasAtOnce = 1
        let stage = try await Stage(3, model, limits: limits)
        store.withLock { $0 = stage.store }
        let events = try await stage.events(try await stage.begin())
        #expect(events.last?["type"] == "results")
        #expect(events.dropLast().last == ["type": "status_update", "status": "failed", "error": "Template not found"])
    }

    @Test func `S3-37: so many personas are written at once, and no more`() async throws {
        let busy = Mutex((now: 0, most: 0))
        let model = ScriptedModel.good { _, _ async throws(LanguageModelError) in
            busy.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            for _ in 0..<20 { await Task.yield() }
            busy.withLock { $0.now -= 1 }
            return nil
        }
        let stage = try await Stage(50, model)
        let events = try await stage.events(try await stage.begin())
        #expect(events.last?["results"]?["successful"] == 50)
        #expect(busy.withLock { $0.most } <= 8 && busy.withLock { $0.most } > 1)
    }

    @Test func `S3-20 B-19: a late reader and a second one are told the same`() async throws {
        let stage = try await Stage(3)
        let id = try await stage.begin()
        async let first = stage.events(id)
        async let second = stage.events(id)
        let all = try await first
        #expect(try await second == all)
        #expect(try await stage.events(id) == all)
        #expect(try await stage.jobs.feed(id, of: "tara").part(after: all.count - 1).events == [all.last])
    }

    @Test func `who reads a job that is over shares one copy of it with the others, and nobody else does`() async throws
    {
        let stage = try await Stage(1)
        let id = try await stage.begin()
        let events = try await stage.events(id)
        while await stage.jobs.count > 0 { await Task.yield() }
        let one = try await stage.jobs.feed(id, of: "tara")
        let other = try await stage.jobs.feed(id, of: "tara")
        #expect(one === other && one.part(after: 0).events == events)
        #expect(one.part(after: 0).encoded.map { String(decoding: $0, as: UTF8.self) } == events.map(\.text))
        await #expect(throws: StoreError.self) { try await stage.jobs.feed(id, of: "mallory") }
    }

    @Test func `S3-3 S3-4 S3-49: jobs are told apart, and nobody sees another's`() async throws {
        let stage = try await Stage(2)
        let one = try await stage.begin([stage.item(0, .assess)])
        let two = try await stage.begin([stage.item(1, .assess)])
        let told = try await stage.events(one)
        #expect(told.compactMap { $0["persona_id"]?.string }.allSatisfy { $0 == stage.people[0].id.rawValue })
        _ = try await stage.events(two)
        #expect(UUID(uuidString: one.rawValue) != nil && one != two)
        await #expect(throws: StoreError.self) { try await stage.jobs.job(one, of: "mallory") }
        await #expect(throws: StoreError.self) { try await stage.jobs.feed(two, of: "mallory") }
    }

    @Test func `S3-48: a job that was interrupted goes on, and its events with it`() async throws {
        let stage = try await Stage(2)
        var job = PromptJob(
            id: PromptJob.newID(), owner: "tara", templateID: Self.template,
            items: [stage.item(0, .assess), stage.item(1, .assess)], createdAt: .now)
        job.begin(0)
        job.complete(0, promptLength: 7, personaName: "Person 0")
        job.begin(1)
        try await stage.store.create(job)
        try await stage.jobs.start()
        let events = try await stage.events(job.id)
        #expect(Array(events.prefix(job.events.count)) == job.events)
        #expect(stage.model.requests.count == 1 && events.last?["results"]?["successful"] == 2)
        #expect(events.filter { $0["status"] == "processing" }.last?["attempt"] == 2)
    }

    @Test func `S3-5 S3-6: a job can be read until its time is over`() async throws {
        let stage = try await Stage(1)
        let id = try await stage.begin()
        _ = try await stage.events(id)
        #expect(try await stage.jobs.job(id, of: "tara").status == .completed)
        var job = try await stage.store.job(id, of: "tara")
        job.expiresAt = .now
        try await stage.store.save(job)
        while await stage.jobs.count > 0 { await Task.yield() }
        await #expect(throws: StoreError.self) { try await stage.jobs.job(id, of: "tara") }
    }

    @Test func `S3-10 S3-11 C-12 C-13: input is checked whole`() throws {
        func faults(_ members: [String: JSONValue]) -> [String] {
            do throws(InvalidInput) {
                _ = try PromptJobInput(members)
                return []
            } catch {
                return error.violations.map(\.field)
            }
        }
        #expect(faults([:]) == ["template_id", "persona_ids"])
        #expect(faults(["template_id": "t", "persona_ids": []]) == ["persona_ids"])
        #expect(faults(["template_id": "t", "persona_ids": ["a", 1]]) == ["persona_ids"])
        #expect(
            faults(["template_id": "t", "persona_ids": ["a"], "mode_mapping": ["b": "learn_mode"]]) == ["mode_mapping"])
        #expect(
            faults(["template_id": "t", "persona_ids": ["a"], "mode_mapping": ["a": "sing_mode"]]) == ["mode_mapping"])
        #expect(faults(["template_id": "t", "persona_ids": ["a"], "mode_mapping": ["a": []]]) == ["mode_mapping"])
        let input = try PromptJobInput([
            "template_id": "t", "persona_ids": ["a", "b", "a"], "mode_mapping": ["b": ["try_mode", "assess_mode"]],
        ])
        #expect(input.items.map(\.personaID) == ["a", "b"])
        #expect(input.items[0].modes == [.assess] && input.items[1].mode == .assess)
        let older = try PromptJobInput(["template_id": "t", "try_assess_persona_id": "p"])
        #expect(older.items == [PromptJob.Item(personaID: "p", modes: [.learn, .assess, .tryOut])])
        #expect(older.items[0].mode == .assess)
        let one = try PromptJobInput(["template_id": "t", "persona_id": "p"])
        #expect(one.items == [PromptJob.Item(personaID: "p", modes: [.assess])])
    }

    @Test func `S3-46: who is beyond the bucket waits, and others do not`() {
        var buckets = CallBuckets(perMinute: 60, perUser: 2)
        #expect(buckets.take("a", at: 0) == nil && buckets.take("a", at: 0) == nil)
        #expect(buckets.take("a", at: 0) == 30)
        #expect(buckets.take("b", at: 0) == nil)
        #expect(buckets.take("a", at: 30) == nil)
        for index in 0..<20_000 { _ = buckets.take("u\(index)", at: 3_600 + Double(index) * 120) }
        #expect(buckets.userCount < 5_000)
    }

    @Test func `S3-46: a budget that is used up is waited for, and fails nobody`() async throws {
        let model = ScriptedModel.good { _, call async throws(LanguageModelError) in
            if call < 4 { throw LanguageModelError(.overBudget, "wait", isRetriable: true, retryAfter: .seconds(9)) }
            return nil
        }
        let slept = Mutex<[Duration]>([])
        let patient = PatientModel(
            model, perMinute: nil, perUser: nil,
            clock: StudioClock(seconds: { 0 }, sleep: { duration in slept.withLock { $0.append(duration) } }))
        let answer = try await patient.answer(
            GenerationCalls(locale: "India", payer: "tara").prompt(nil, Scenes.facts(), .learn))
        #expect(
            answer.text == "You are somebody in particular."
                && slept.withLock { $0 } == [.seconds(9), .seconds(9), .seconds(9)])
    }
}
