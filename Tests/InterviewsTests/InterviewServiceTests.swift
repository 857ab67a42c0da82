import Foundation
import JSON
import LanguageModels
import Testing

@testable import Interviews

struct InterviewServiceTests {
    /// Begins and answers until there is nothing left to ask.
    private func interview(_ service: InterviewService, consent: Bool = false) async throws -> InterviewID {
        var opening = InterviewService.Opening()
        opening.trainingConsent = consent
        var step = try await service.start("tara", opening)
        var count = 0
        while !step.isComplete {
            step = try await service.answer("tara", step.session.sessionId, Said.all[count % 5] + " \(count)")
            count += 1
        }
        return step.session.sessionId
    }

    @Test func `S2-1 S2-2 S2-4 the files are where and what they should be`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service()
            #expect(folder.everything().isEmpty, "S2-58: nobody has anything before they begin")
            let id = try await service.start("tara").session.sessionId
            #expect(InterviewID(rawValue: id.rawValue) != nil)
            let file = try #require(folder.json("persona/interviews/\(id)-session.json")?.object)
            for key in ["sessionId", "status", "createdAt", "updatedAt", "questions", "answers", "personaDraft"] {
                #expect(file[key] != nil, "\(key)")
            }
            #expect(
                file["questions"]?.array?.first?.object.map { Set($0.keys) }?.isSuperset(of: [
                    "id", "prompt", "category",
                ]) == true)
            #expect(folder.json("persona/interviews/index.json")?["latest"]?.string == id.rawValue)
            try FileManager.default.removeItem(
                atPath: folder.path + "/data/profiles/tara/persona/interviews/index.json")
            #expect(try await service.start("tara").session.sessionId == id)
            #expect(folder.json("persona/interviews/index.json")?["latest"]?.string == id.rawValue)
            try folder.write("persona/interviews/index.json", "{ broken")
            #expect(try await service.start("tara").session.sessionId == id)
        }
    }

    @Test func `S2-6 another process goes on at the open question`() async throws {
        try await InterviewFolder.run { folder in
            let first = try await folder.service().start("tara")
            let next = try await folder.service().answer("tara", first.session.sessionId, Said.values)
            let again = try await folder.service().start("tara")
            #expect(again.isResumed && again.session.sessionId == first.session.sessionId)
            #expect(again.session.openQuestion == next.session.openQuestion)
            #expect(again.session.openQuestion != first.session.openQuestion)
        }
    }

    @Test func `C-16 two interviews of one second have two ids`() async throws {
        let date = Date(timeIntervalSince1970: 1_762_740_900)
        #expect(InterviewID(date, copy: 1).rawValue == "2025-11-10T02-15-00Z")
        #expect(InterviewID(date, copy: 2).rawValue == "2025-11-10T02-15-00Z-2")
        #expect(InterviewID(date, copy: 2) < InterviewID(date, copy: 10))
        let wrong = [
            "..", "../2025-11-10T02-15-00Z", "2025-11-10T02-15-00Z/..", "%2e%2e", "2025-11-10T02-15-00Z-1x", "",
            "\u{0}",
            "٢٠٢٥-11-10T02-15-00Z", "2025-11-10T02-15-00Z\n",
        ]
        for text in wrong { #expect(InterviewID(rawValue: text) == nil, "\(text)") }
    }

    @Test func `S2-5 S2-28 S2-50 finalizing writes a summary once and nothing of the persona`() async throws {
        try await InterviewFolder.run { folder in
            try folder.write("persona/core.json", #"{"name":"Tara"}"#)
            let service = folder.service()
            let id = try await self.interview(service)
            let result = try await service.finalize("tara", id)
            #expect(!result.isApplied && result.session.status == .completed)
            #expect(folder.file("persona/core.json") == Array(#"{"name":"Tara"}"#.utf8))
            #expect(folder.file("persona/cache.json") == nil)
            let name = "persona/interviews/\(id)/summary.json"
            let summary = try #require(folder.file(name))
            let path = "\(folder.path)/data/profiles/tara/\(name)"
            #expect(
                try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o444)
            #expect(result.summary["analysis"]?["steps"]?.array?.isEmpty == false, "S2-43")
            #expect(result.summary["confidence"]?["overall"]?.integer ?? 0 > 0, "S2-10")
            #expect(result.difference.changes.contains { $0.field == "values.core" && $0.action == .add })
            folder.advance(days: 1)
            _ = try await service.finalize("tara", id)
            #expect(folder.file(name) == summary)
            await #expect(throws: InterviewError.self) { _ = try await service.answer("tara", id, Said.values) }
        }
    }

    @Test func `S2-22 S2-40 S2-41 S2-53 an apply changes what it may, keeps a copy, and says what it did`() async throws
    {
        try await InterviewFolder.run { folder in
            let core = "{ \"name\":\"Tara\",  \"identity\" : {\"x\":1.0},\"values\":{\"core\":[],\"other\":[ 2 ]}}"
            try folder.write("persona/core.json", core)
            try folder.write("persona/facets/one.json", "facet")
            try folder.write("persona/decision-rules.json", "rules")
            let service = folder.service()
            let id = try await self.interview(service)
            let result = try await service.finalize("tara", id, apply: true)
            let now = try #require(folder.file("persona/core.json")).map { $0 }
            let text = String(decoding: now, as: UTF8.self)
            #expect(text.hasPrefix("{ \"name\":\"Tara\",  \"identity\" : {\"x\":1.0},\"values\":{\"core\":[{"))
            #expect(text.contains("],\"other\":[ 2 ]}"))
            let members = try #require(try JSONValue(parsing: now).object)
            #expect(Set(members.keys) == ["name", "identity", "values", "personality", "goals"])
            #expect(folder.json("persona/cache.json")?["background"] != nil)
            #expect(folder.json("persona/relationships.json")?["people"]?.array?.first?["name"] == "Asha")
            #expect(folder.file("persona/facets/one.json") == Array("facet".utf8))
            #expect(folder.file("persona/decision-rules.json") == Array("rules".utf8))
            let backups = try FileManager.default.contentsOfDirectory(
                atPath: folder.path + "/data/profiles/tara/persona/backups")
            #expect(backups.count == 1)
            #expect(folder.file("persona/backups/\(backups[0])") == Array(core.utf8))
            let log = try #require(folder.file("memory/logs/persona-generation.log")).split(separator: 10)
            let line = try JSONValue(parsing: Array(log[0]))
            #expect(log.count == 1 && line["sessionId"]?.string == id.rawValue && line["at"] != nil)
            #expect(line["fields"]?.array == result.difference.fields.map { .string($0) })
            // A second time there is nothing left to change.
            let again = try await service.apply("tara", id)
            #expect(again.difference.fields.isEmpty)
            #expect(folder.file("persona/core.json") == now)
        }
    }

    @Test func `C-19 a core that was changed meanwhile is not overwritten`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service()
            let id = try await self.interview(service)
            let seen = try await service.finalize("tara", id).version
            _ = try await service.saveCore("tara", Array(#"{"name":"T"}"#.utf8), version: seen)
            await #expect(throws: InterviewError(.changed, "the persona was changed since you read it; read it again"))
            {
                _ = try await service.apply("tara", id, version: seen)
            }
            #expect(folder.file("persona/core.json") == Array(#"{"name":"T"}"#.utf8))
        }
    }

    @Test func `S2-7 somebody else's interview is nowhere to be found`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service()
            let id = try await service.start("tara").session.sessionId
            _ = try await service.start("ravi")
            let before = folder.everything()
            for user in ["mallory", "..", ".", "tara.", "ravi-2"] {
                await #expect(throws: InterviewError.noSuchInterview) { _ = try await service.session(user, id) }
                await #expect(throws: InterviewError.self) { _ = try await service.answer(user, id, Said.values) }
                await #expect(throws: InterviewError.self) { _ = try await service.finalize(user, id, apply: true) }
                await #expect(throws: InterviewError.self) {
                    _ = try await service.discard(user, id, deletingTranscript: true)
                }
            }
            #expect(folder.everything() == before)
        }
    }

    @Test func `S2-30 a link out of the profile leads nowhere, for files and for folders`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service()
            let id = try await service.start("tara").session.sessionId
            let data = folder.path + "/data/profiles"
            // A folder of mallory's that is tara's.
            try folder.write("persona/note", "", of: "mallory")
            try FileManager.default.createSymbolicLink(
                atPath: data + "/mallory/persona/interviews", withDestinationPath: data + "/tara/persona/interviews")
            await #expect(throws: InterviewError.noSuchInterview) { _ = try await service.session("mallory", id) }
            await #expect(throws: InterviewError.self) { _ = try await service.start("mallory") }
            // A file of eve's that is tara's.
            let eve = try await service.start("eve").session.sessionId
            let file = data + "/eve/persona/interviews/\(eve)-session.json"
            try FileManager.default.removeItem(atPath: file)
            try FileManager.default.createSymbolicLink(
                atPath: file, withDestinationPath: data + "/tara/persona/interviews/\(id)-session.json")
            await #expect(throws: InterviewError.noSuchInterview) { _ = try await service.session("eve", eve) }
            // A whole profile that is tara's.
            try FileManager.default.createSymbolicLink(
                atPath: data + "/oscar", withDestinationPath: data + "/tara")
            await #expect(throws: InterviewError.noSuchInterview) { _ = try await service.session("oscar", id) }
            await #expect(throws: InterviewError.self) {
                _ = try await service.saveCore("oscar", Array("{}".utf8), version: nil)
            }
        }
    }

    @Test func `S2-8 the file decides the next interview's first question, and bad files are told`() async throws {
        try await InterviewFolder.run { folder in
            let file = folder.path + "/personas/interview-plan.json"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try text.replacing("What matters most to you in life", with: "Zzz").write(
                toFile: file, atomically: true, encoding: .utf8)
            let step = try await folder.service().start("tara")
            #expect(step.session.openQuestion?.prompt.hasPrefix("Zzz") == true)
            try text.replacing("\"maxQuestions\": 15", with: "\"maxQuestions\": 0").write(
                toFile: file, atomically: true, encoding: .utf8)
            await #expect(
                throws: InterviewError(.unusable, "interview-plan.json: maxQuestions 0 is not 1 to 100")
            ) { _ = try await folder.service().start("ravi") }
        }
    }

    @Test func `S2-9 S2-15 S2-16 S2-19 the model asks as psychotherapist and sums up as curator`() async throws {
        try await InterviewFolder.run { folder in
            let model = RecordingModel { request in
                request.role == .curator
                    ? #"```json{"summary":"s","values":[{"value":"truth"}],"bigFive":{"openness":0.8,"x":3},"confidence":{"values":90}}```"#
                    : #"{"reasoning":{"gap":"SECRET"},"tags":["values","tone"],"tools":["contradiction_mapper"],"question":{"prompt":"And how does that feel today?","category":"values"}}"#
            }
            let service = folder.service(model)
            let start = try await service.start("tara")
            let step = try await service.answer("tara", start.session.sessionId, Said.values)
            #expect(step.session.openQuestion?.prompt == "And how does that feel today?")
            #expect(step.session.answers[0].tags == [.style, .values])
            #expect(step.session.analysis[0].notes == ["gap: SECRET"])
            #expect(step.session.analysis[0].skills == ["contradiction_mapper"])
            #expect(
                step.profile == LLMProfile(role: "psychotherapist", model: "model-of-psychotherapist", configured: true)
            )
            let result = try await service.finalize("tara", step.session.sessionId)
            #expect(result.session.personaDraft.values.map(\.value) == ["truth"])
            #expect(result.session.personaDraft.bigFive == ["openness": 0.8])
            #expect(model.roles == ["psychotherapist", "curator"])
            let system = model.requests.withLock { $0[0].messages[0].text }
            for word in ["Motivational interviewing", "Reasoning", "Tools"] { #expect(system.contains(word)) }
        }
    }

    @Test func `C-21 the planner asks where no psychotherapist is configured, and that is said`() async throws {
        try await InterviewFolder.run { folder in
            let model = RecordingModel(in: [.planner]) { _ in
                #"{"tags":["values"],"question":{"prompt":"And how does that feel today?","category":"values"}}"#
            }
            let service = folder.service(model)
            let start = try await service.start("tara")
            let step = try await service.answer("tara", start.session.sessionId, Said.values)
            #expect(step.profile == LLMProfile(role: "planner", model: "model-of-planner", configured: true))
            #expect(step.session.openQuestion?.prompt == "And how does that feel today?")
            #expect(model.roles == ["planner"])
        }
    }

    @Test(arguments: [
        "", "nonsense", "{\"question\":7}", "{\"question\":{\"prompt\":\"a\\nb c d e f g\",\"category\":\"values\"}}",
    ])
    func `S2-56 a model that answers badly is replaced by the plan`(reply: String) async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service(RecordingModel { _ in reply.isEmpty ? nil : reply })
            let start = try await service.start("tara")
            let step = try await service.answer("tara", start.session.sessionId, Said.values)
            #expect(step.session.openQuestion?.source == .plan)
            let result = try await service.finalize("tara", step.session.sessionId)
            #expect(result.session.status == .completed)
        }
    }

    @Test func `S2-13 a role without the flag reads no interview`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service()
            let id = try await service.start("tara").session.sessionId
            _ = try await service.answer("tara", id, Said.values)
            #expect(try await service.transcript("tara", id, as: "psychotherapist").turns.count == 1)
            await #expect(throws: InterviewError(.forbidden, "the role stranger may not use interviews")) {
                _ = try await service.transcript("tara", id, as: "stranger")
            }
        }
    }

    @Test func `S2-18 the role has its flags and is found by its tasks`() throws {
        let roles = InterviewRoles(folder: InterviewFolder.repository + "/personas")
        let role = try #require(roles.role(forTask: "therapy"))
        #expect(role.name == "psychotherapist" && role.allowsTools && role.allowsReasoning)
        #expect(roles.role(forTask: "analysis") == role)
        #expect(roles.role("../aliases") == nil)
    }

    @Test func `S2-14 the role describes itself, for whatever uses it next`() throws {
        let path = InterviewFolder.repository + "/personas/roles/psychotherapist.json"
        let role = try JSONValue(parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: path))))
        let text = try #require(role["specialisation"]?.string)
        for trait in ["Motivational interviewing", "Probes", "private"] { #expect(text.contains(trait), "\(trait)") }
        #expect(role["kind"] == "role" && role["system_prompt"]?.string?.isEmpty == false)
    }

    @Test func `C-22 five aspects are counted, under whatever name a model tags them`() async throws {
        try await InterviewFolder.run { folder in
            let model = RecordingModel { _ in
                #"{"tags":["tone","background","current focus","values","goals","weather"]}"#
            }
            let service = folder.service(model)
            let start = try await service.start("tara")
            let step = try await service.answer("tara", start.session.sessionId, Said.values)
            #expect(Set(step.session.answers[0].tags) == Set(Aspect.allCases))
            #expect(Aspect.allCases.map(\.rawValue) == ["values", "goals", "style", "biography", "current_focus"])
            #expect(Aspect.allCases.allSatisfy { step.coverage[$0] > 0 })
        }
    }

    @Test func `S2-11 the same transcript gives the same draft wherever it was said`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service()
            let id = try await self.interview(service)
            let result = try await service.finalize("tara", id)
            let extracted = try await service.extract(result.session.transcript, user: "ravi")
            #expect(extracted["persona"] == JSONFile.json(result.session.personaDraft))
            #expect(folder.everything().keys.contains { $0.contains("ravi") } == false)
        }
    }

    @Test func `S2-21 S2-23 S2-46 the audit tells every step, and shows who changes it`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service()
            let id = try await self.interview(service, consent: true)
            _ = try await service.finalize("tara", id, apply: true)
            let name = "memory/logs/audit.jsonl"
            let bytes = try #require(folder.file(name))
            let events = try bytes.split(separator: 10).map { try JSONValue(parsing: Array($0)) }
            let names = Set(events.compactMap { $0["event"]?.string })
            #expect(
                names.isSuperset(of: [
                    "session_started", "question_asked", "answer_recorded", "reasoning_step", "summary_generated",
                    "session_finalized", "persona_applied", "training_exported",
                ]))
            #expect(events.allSatisfy { $0["category"] == "persona_generation" })
            #expect(!String(decoding: bytes, as: UTF8.self).contains("harmonium"))
            #expect(try await service.auditFaults().isEmpty)
            let text = String(decoding: bytes, as: UTF8.self)
            for changed in [
                text.replacing("answer_recorded", with: "answer_changed", maxReplacements: 1),
                text.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n",
                text.split(separator: "\n").dropLast(2).joined(separator: "\n") + "\n", "",
            ] {
                try folder.write(name, changed)
                #expect(try await service.auditFaults().map(\.user) == ["tara"])
            }
            try folder.write(name, text)
            #expect(try await service.auditFaults().isEmpty)
        }
    }

    @Test func `S2-42 C-23 only who agreed is in the training files, word for word`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service()
            let without = try await self.interview(service)
            _ = try await service.finalize("tara", without)
            #expect(try await service.training("tara").isEmpty)
            let id = try await self.interview(service)
            let result = try await service.finalize("tara", id, consent: true)
            let file = try #require(folder.json("memory/training/persona/\(id).json"))
            #expect(try await service.training("tara") == [file])
            let turns = try #require(file["turns"]?.array)
            #expect(turns.map { $0["answer"]?.string } == result.session.transcript.turns.map(\.answer))
            #expect(turns.map { $0["question"]?.string } == result.session.transcript.turns.map(\.question))
            #expect(file["interpretation"]?["steps"]?.array?.isEmpty == false)
        }
    }

    @Test func `S2-61 enough interviews are told once`() async throws {
        try await InterviewFolder.run { folder in
            let file = folder.path + "/personas/interview-plan.json"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try text.replacing("\"trainingThreshold\": 10", with: "\"trainingThreshold\": 2").write(
                toFile: file, atomically: true, encoding: .utf8)
            let service = folder.service()
            for _ in 0..<3 { _ = try await service.finalize("tara", try await self.interview(service, consent: true)) }
            let audit = String(decoding: folder.file("memory/logs/audit.jsonl") ?? [], as: UTF8.self)
            #expect(audit.split(separator: "training_ready").count == 2)
            #expect(try await service.stats("tara")["completionRate"] == .number(1), "S2-55")
        }
    }

    @Test func `S2-26 discarding may take the transcript along`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service()
            let id = try await service.start("tara").session.sessionId
            let step = try await service.discard("tara", id, deletingTranscript: true)
            #expect(step.session.status == .aborted)
            #expect(folder.file("persona/interviews/\(id)-session.json") == nil)
            let again = try await service.discard("tara", id, deletingTranscript: true)
            #expect(again.session.status == .aborted, "S2-49")
            #expect(try await service.start("tara").session.sessionId != id)
        }
    }

    @Test func `S2-59 an interview that nobody answers is put away, and a dry run only says so`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service()
            let id = try await service.start("tara").session.sessionId
            folder.advance(days: 31)
            let before = folder.everything()
            #expect(try await service.expire("tara", isDry: true) == [id])
            #expect(folder.everything() == before)
            #expect(try await service.expire("tara", isDry: false) == [id])
            #expect(folder.file("persona/interviews/archive/\(id)-session.json") != nil)
            #expect(try await service.expire("tara", isDry: false) == [])
            #expect(try await service.start("tara").isResumed == false)
        }
    }

    @Test func `S2-29 where personas are read-only nothing is written`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service(isReadOnly: true)
            await #expect(throws: InterviewError.self) { _ = try await service.start("tara") }
            await #expect(throws: InterviewError.self) {
                _ = try await service.saveCore("tara", [123, 125], version: nil)
            }
            #expect(folder.everything().isEmpty)
        }
    }

    @Test func `S2-60 facets are proposed and not written`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service()
            let id = try await self.interview(service)
            let before = folder.everything()
            let proposals = try await service.facets("tara", id)["proposals"]?.array
            #expect(proposals?.contains { $0["facet"] == "values" } == true)
            #expect(folder.everything() == before)
        }
    }

    @Test func `answers that come at the same time are all kept`() async throws {
        try await InterviewFolder.run { folder in
            let service = folder.service()
            let start = try await service.start("tara")
            let id = start.session.sessionId
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<20 {
                    let other = folder.service()
                    group.addTask {
                        _ = try? await other.answer("tara", id, "\(Said.values) \(index)", to: "values-1")
                    }
                }
            }
            let session = try await service.session("tara", id).session
            #expect(session.answers.count == 1)
            #expect(session.questions.count { $0.id == "values-1" } == 1)
            #expect(try await service.auditFaults().isEmpty)
        }
    }
}
