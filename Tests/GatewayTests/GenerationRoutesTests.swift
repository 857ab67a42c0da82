import Foundation
import JSON
import Storage
import Studio
import Testing
import Transport

@testable import Gateway

/// A gateway that makes personas with the embedded model.
private struct Maker {
    let gateway: GatewayHarness
    let studio: PersonaStudio

    static func run(
        redirectsFirstVersion: Bool = false, _ body: (Maker) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vaani-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try StudioDatabase(directory: folder)
        defer { store.close() }
        var problems: [CategoryProblem] = []
        let library = try CategoryLibrary(folder: "personas", problems: &problems)
        let studio = PersonaStudio(store: store, library: library, model: nil)
        let routes = GenerationRoutes(studio, redirectsFirstVersion: redirectsFirstVersion).routes
        try await GatewayHarness.run(routes: routes) {
            try await body(Maker(gateway: $0, studio: studio))
        }
        await studio.jobs.stop()
    }

    func ask(
        _ method: String, _ path: String, _ body: JSONValue? = nil, as user: String = "tara",
        headers: [(String, String)] = []
    ) async -> Answer {
        await self.send(method, path, body?.encoded ?? [], as: user, headers: headers)
    }

    func send(
        _ method: String, _ path: String, _ body: [UInt8], as user: String = "tara", headers: [(String, String)] = []
    ) async -> Answer {
        let parts = path.split(separator: "?", maxSplits: 1)
        let query = parts.count == 1 ? [] : [(String(parts[1].prefix { $0 != "=" }), "1")]
        let head = HTTPRequestHead(
            method: method, path: String(parts[0]), query: query,
            headers: HTTPHeaders([("host", "127.0.0.1"), ("x-vaani-user", user)] + headers), remoteAddress: "127.0.0.1")
        return Answer(await self.gateway.application.respond(to: HTTPRequest(head: head, body: body)))
    }

    func template() async -> String {
        let document = "# Car sale\nRole: Buyer\nName: Ravi Nair\nA customer compares prices of a car with his family."
        let answer = await self.ask("POST", "/analyze-scenario-enhanced", ["scenario_document": .string(document)])
        return answer.json["template_id"]?.string ?? ""
    }

    func persona(_ template: String) async -> String {
        let answer = await self.ask("POST", "/generate-personas", ["template_id": .string(template)])
        return answer.json["persona"]?["id"]?.string ?? ""
    }

    /// A job that is over.
    func finishedJob(_ members: [String: JSONValue]) async throws -> (id: String, state: JSONValue) {
        let id = await self.ask("POST", "/scenario/v2/generate-final-prompts", .object(members)).json["job_id"]?.string
        let job = try #require(id.flatMap { RecordID($0) })
        let feed = try await self.studio.jobs.feed(job, of: "tara")
        var seen = 0
        while !feed.part(after: seen).isOver {
            await feed.wait(after: seen)
            seen += feed.part(after: seen).events.count
        }
        return (job.rawValue, await self.ask("GET", "/scenario/v2/job-status/\(job)").json)
    }
}

@Suite struct GenerationRoutesTests {
    @Test func `S1-1 … S1-16: the library is served whole, by name, and as names`() async throws {
        try await Maker.run { maker in
            let all = await maker.ask("GET", "/scenario/detail-categories").json
            #expect(all["categories"]?.array?.count == 16 && all["extensions"]?.array?.count == 1)
            let first = all["categories"]?.array?.first
            #expect(first?["name"] == "professional_context" && first?["example_fields"]?.array?.count == 10)
            #expect(first?["samples"] == nil && first?["when_relevant"]?.string?.isEmpty == false)
            let one = await maker.ask("GET", "/scenario/detail-categories/family_context")
            #expect(one.json["example_fields"]?.array?.first == "marital_status")
            #expect(await maker.ask("GET", "/scenario/detail-categories/none").status == 404)
            #expect(await maker.ask("GET", "/scenario/detail-categories?names=1").json.array?.count == 17)
        }
    }

    @Test func `S3-42 S3-24 C-9 C-10: a document becomes a template, that a persona, and that a prompt`() async throws {
        try await Maker.run { maker in
            let template = await maker.template()
            let made = await maker.ask(
                "POST", "/scenario/generate-personas",
                ["template_id": .string(template), "persona_type": "assess_mode_character", "count": 3])
            #expect(made.status == 200 && made.json["count"] == 3 && made.json["mode"] == "assess_mode")
            let people = made.json["personas"]?.array ?? []
            #expect(Set(people.compactMap { $0["name"]?.string }).count == 3 && people.first == made.json["persona"])
            #expect(people.allSatisfy { $0["prompt"] == .null })
            let ids = people.compactMap { $0["id"] }
            let job = try await maker.finishedJob(["template_id": .string(template), "persona_ids": .array(ids)])
            #expect(job.state["status"] == "completed" && job.state["results"]?["successful"] == 3)
            let shown = await maker.ask("GET", "/persona/\(ids[0].string ?? "")").json
            #expect(shown["prompt"]?.string?.hasPrefix("You are Ravi Nair") == true)
            #expect(shown["prompt_mode"] == "assess_mode")
            let interaction = await maker.ask(
                "POST", "/avatar-interactions", ["mode": "try_mode", "persona_id": ids[0], "avatars": ["a1"]])
            #expect(interaction.status == 201 && interaction.json["system_prompt"] == .null)
            #expect(interaction.json["avatars"] == ["a1"])
        }
    }

    @Test func `S1-66 S1-67 S1-25 B-23: what a request for personas has to say`() async throws {
        try await Maker.run { maker in
            let unknown = await maker.ask("POST", "/generate-personas", ["template_id": "tpl_nothing"])
            #expect(unknown.status == 404 && unknown.json["detail"] == "Template not found")
            let wrong = await maker.ask(
                "POST", "/generate-personas", ["mode": "sing_mode", "count": 0, "gender": 7, "variation_id": "x"])
            #expect(wrong.status == 422)
            #expect(
                Set((wrong.json["errors"]?.array ?? []).compactMap { $0["field"]?.string })
                    == ["mode", "count", "gender", "variation_id", "template_id"])
            let template = await maker.template()
            let foreign = await maker.ask(
                "POST", "/generate-personas", ["template_id": .string(template)], as: "mallory")
            #expect(foreign.status == 404)
        }
    }

    @Test func `C-15: which paths there are, and that the second version has one`() async throws {
        try await Maker.run { maker in
            for path in ["/generate-personas", "/generate-prompts", "/generate-final-prompts"] {
                for path in [path, "/scenario\(path)"] {
                    #expect(await maker.ask("POST", path, ["template_id": "tpl_0"]).status == 404)
                    #expect(await maker.ask("GET", path).status == 405, "\(path) is there")
                }
            }
            #expect(await maker.ask("GET", "/scenario/v2/generate-final-prompts").status == 405)
            let other = await maker.ask("POST", "/v2/generate-final-prompts", [:])
            #expect(other.status == 404 && other.json["code"] == "not_found")
        }
    }

    @Test func `C-32: what somebody types has a limit, and what is generated has another`() async throws {
        try await Maker.run { maker in
            let template = await maker.template()
            func wish(_ length: Int) async -> Int {
                await maker.ask(
                    "POST", "/generate-personas",
                    ["template_id": .string(template), "prompt": .string(String(repeating: "अ", count: length))]
                ).status
            }
            #expect(await [wish(5_000), wish(5_001)] == [200, 422])
            let path = "/persona/\(await maker.persona(template))"
            for field in ["prompt", "learn_prompt"] {
                for (length, status) in [(24_000, 200), (24_001, 422)] {
                    let prompt = JSONValue.string(String(repeating: "अ", count: length))
                    let answer = await maker.ask("PUT", path, .object(["name": "Asha", field: prompt]))
                    #expect(answer.status == status, "\(field) \(length)")
                }
            }
        }
    }

    @Test func `S1-62: both people of a template`() async throws {
        try await Maker.run { maker in
            let both = await maker.ask(
                "POST", "/generate-personas-from-template", ["template_id": .string(await maker.template())])
            #expect(both.json["learn_mode_expert"]?["mode"] == "learn_mode")
            #expect(both.json["assess_mode_character"]?["name"] == "Ravi Nair")
        }
    }

    @Test func `S1-69: a prompt for a persona that is kept, and for one that comes along`() async throws {
        try await Maker.run { maker in
            let template = await maker.template()
            let persona = await maker.persona(template)
            let kept = await maker.ask(
                "POST", "/generate-prompts", ["template_id": .string(template), "persona_id": .string(persona)])
            #expect(kept.json["system_prompt"]?.string?.hasPrefix("You are Ravi Nair") == true)
            #expect(kept.json["generated_by"] == "embedded")
            let brought = await maker.ask(
                "POST", "/generate-prompts", ["template_data": [:], "persona": ["name": "Asha", "role": "Nurse"]])
            #expect(brought.json["system_prompt"]?.string?.hasPrefix("You are Asha, Nurse.") == true)
            #expect(await maker.ask("POST", "/generate-prompts", ["template_data": [:]]).status == 422)
        }
    }

    @Test func `S3-39 S3-40: the first version answers as it did, and says that it is deprecated`() async throws {
        try await Maker.run { maker in
            let answer = await maker.ask(
                "POST", "/generate-final-prompts", ["template_id": .string(await maker.template())])
            #expect(
                Set(answer.json.object?.keys.map { $0 } ?? []) == [
                    "learn_mode", "assess_mode", "try_mode", "scenario_title", "extracted_info", "generated_persona",
                    "knowledge_base_id",
                ])
            #expect(answer.json["assess_mode"] == answer.json["try_mode"])
            #expect(answer.headers["deprecation"]?.hasPrefix("@") == true)
            #expect(answer.headers["link"]?.contains("successor-version") == true)
            let document = await maker.ask("GET", "/openapi.json").json
            #expect(document["paths"]?["/generate-final-prompts"]?["post"]?["deprecated"] == true)
        }
    }

    @Test func `S3-7 S3-9 S3-10 S3-50: a job begins at once, whatever type its body has`() async throws {
        try await Maker.run { maker in
            let template = await maker.template()
            let body: JSONValue = ["template_id": .string(template), "persona_ids": ["a", "b"]]
            let answer = await maker.ask(
                "POST", "/scenario/v2/generate-final-prompts", body, headers: [("content-type", "text/plain")])
            let id = answer.json["job_id"]?.string ?? ""
            #expect(answer.status == 200 && UUID(uuidString: id) != nil && answer.json["persona_count"] == 2)
            #expect(answer.json["message"] == "Prompt generation started" && answer.json["status"] == "processing")
            #expect(answer.json["sse_endpoint"] == .string("/scenario/v2/prompt-generation-status/\(id)"))
            let path = "/scenario/v2/generate-final-prompts"
            #expect(await maker.ask("POST", path, ["template_id": .string(template), "persona_ids": []]).status == 422)
            #expect(await maker.ask("POST", path, ["template_id": "tpl_0", "persona_ids": ["a"]]).status == 404)
        }
    }

    @Test func `S3-22 S3-49 C-14 B-19: an unknown job, a foreign one, and one whose end has been seen`() async throws {
        try await Maker.run { maker in
            let job = try await maker.finishedJob([
                "template_id": .string(await maker.template()), "persona_ids": ["nobody"],
            ])
            #expect(job.state["status"] == "failed" && job.state["results"]?["failed"] == 1)
            let path = "/scenario/v2/prompt-generation-status"
            let last = job.state["last_event_id"]?.integer ?? 0
            let over = await maker.ask("GET", "\(path)/\(job.id)", headers: [("last-event-id", "\(last)")])
            #expect(over.status == 204)
            #expect(await maker.ask("GET", "\(path)/\(UUID())").status == 404)
            #expect(await maker.ask("GET", "\(path)/\(job.id)", as: "mallory").status == 404)
            #expect(await maker.ask("GET", "/scenario/v2/job-status/\(job.id)", as: "mallory").status == 404)
        }
    }

    @Test func `S3-23 C-14: who asks is told the same as who listens`() async throws {
        try await Maker.run { maker in
            let template = await maker.template()
            let persona = await maker.persona(template)
            let job = try await maker.finishedJob([
                "template_id": .string(template), "persona_ids": [.string(persona), "nobody"],
            ])
            let id = try #require(RecordID(job.id))
            let events = try await maker.studio.jobs.feed(id, of: "tara").part(after: 0).events
            #expect(job.state["results"] == events.last?["results"] && job.state["error"] == .null)
            #expect(job.state["status"] == events.dropLast().last?["status"])
            for event in events where event["type"] == "persona_progress" && event["status"] != "processing" {
                let progress = job.state["persona_progress"]?[event["persona_id"]?.string ?? ""]
                #expect(progress?["status"] == event["status"] && progress?["error"] == event["error"])
            }
            #expect(job.state["last_event_id"] == .integer(events.count))
        }
    }

    @Test func `S3-41: the first version can send its callers to the second`() async throws {
        try await Maker.run(redirectsFirstVersion: true) { maker in
            let template = await maker.template()
            let body: JSONValue = ["template_id": .string(template), "persona_id": "per_1"]
            let answer = await maker.ask("POST", "/generate-final-prompts", body)
            #expect(answer.status == 308 && answer.headers["deprecation"] != nil)
            let successor = try #require(answer.headers["location"])
            #expect(await maker.ask("POST", successor, body).json["persona_count"] == 1)
        }
    }

    @Test(arguments: [
        StoreError(.unavailable, "/var/lib/vaani/studio.sqlite is locked by sk-secret"),
        StoreError(.busy, "sk-secret"),
    ]) func `S1-68: whatever fails, a client is told one sentence and no insides`(error: StoreError) async throws {
        try await Maker.run { maker in
            let unknown = ErrorResponse(mapping: CocoaError(.fileNoSuchFile, userInfo: ["key": "sk-secret"]))
            for told in [ErrorResponse(mapping: error), unknown] {
                let body = told.body(requestID: "req").text
                #expect(told.status >= 500 && told.body(requestID: "req")["detail"]?.string?.isEmpty == false)
                for inside in ["sk-secret", "/var/lib", ".swift", "Error("] { #expect(!body.contains(inside)) }
            }
            #expect(unknown.status == 500 && unknown.code == "internal")
        }
    }

    @Test func `S3-1 S3-2: an interaction needs no prompt, and a persona that there is`() async throws {
        try await Maker.run { maker in
            let plain = await maker.ask("POST", "/avatar-interactions", ["mode": "learn_mode"])
            #expect(plain.status == 201 && plain.json["system_prompt"] == .null && plain.json["persona_id"] == .null)
            let id = plain.json["id"]?.string ?? ""
            let wrong = await maker.ask("POST", "/avatar-interactions", ["mode": "x", "persona_id": "per_nobody"])
            #expect((wrong.json["errors"]?.array ?? []).compactMap { $0["field"]?.string } == ["mode", "persona_id"])
            let changed = await maker.ask(
                "PUT", "/avatar-interactions/\(id)", ["mode": "try_mode", "languages": ["hi"]])
            #expect(changed.json["mode"] == "try_mode" && changed.json["languages"] == ["hi"])
            #expect(await maker.ask("GET", "/avatar-interactions").json["total"] == 1)
            #expect(await maker.ask("GET", "/avatar-interactions/\(id)", as: "mallory").status == 404)
            #expect(await maker.ask("DELETE", "/avatar-interactions/\(id)").status == 204)
        }
    }

    @Test func `S1-75: a persona of the older shape is kept with all its keys`() async throws {
        try await Maker.run { maker in
            let old: JSONValue = [
                "persona_details": ["name": "Ravi", "age": 41], "situation": "In a shop", "own_key": [1, 2],
            ]
            let posted = await maker.ask("POST", "/api/personas", old)
            #expect(posted.status == 201 && posted.json["own_key"] == [1, 2])
            let path = "/persona/\(posted.json["id"]?.string ?? "")"
            #expect(await maker.ask("GET", path).json == posted.json)
            let edited = await maker.ask("PUT", path, ["name": "Ravi", "prompt": "You are Ravi."])
            #expect(edited.json["prompt"] == "You are Ravi." && edited.json["id"] == posted.json["id"])
            #expect(await maker.ask("POST", "/api/personas", [:]).status == 422)
            #expect(await maker.ask("POST", "/api/personas", ["name": 7]).status == 422)
        }
    }

    @Test func `a template is edited by who knows its version`() async throws {
        try await Maker.run { maker in
            let path = "/scenario/templates/\(await maker.template())"
            let shown = await maker.ask("GET", path)
            #expect(shown.json["template_data"]?["general_info"]?["domain"] == "car sales")
            let tag = shown.headers["etag"] ?? ""
            let changes: JSONValue = ["template_data": ["general_info": ["domain": "bikes"]], "name": "New"]
            let edited = await maker.ask("PUT", path, changes, headers: [("if-match", tag)])
            #expect(edited.json["name"] == "New" && edited.json["template_data"] == changes["template_data"])
            #expect(await maker.ask("PUT", path, changes, headers: [("if-match", tag)]).status == 412)
            #expect(await maker.ask("PUT", path, ["name": "", "template_data": 1]).json["errors"]?.array?.count == 2)
            #expect(await maker.ask("GET", "/scenario/templates").json["total"] == 1)
            #expect(await maker.ask("DELETE", path).status == 204)
            #expect(await maker.ask("GET", path).status == 404)
        }
    }

    @Test func `a document comes as a form, urlencoded or in JSON, and what is no text is refused`() async throws {
        try await Maker.run { maker in
            let form =
                "--XX\r\nContent-Disposition: form-data; name=\"scenario_document\"; filename=\"a.md\"\r\n"
                + "Content-Type: text/markdown\r\n\r\n# Maternity inquiry\nA worried patient.\r\n"
                + "--XX\r\nContent-Disposition: form-data; name=\"template_name\"\r\n\r\nMine\r\n--XX--\r\n"
            let uploaded = await maker.send(
                "POST", "/analyze-scenario-enhanced", Array(form.utf8),
                headers: [("content-type", "multipart/form-data; boundary=XX")])
            #expect(uploaded.status == 200 && uploaded.json["template_name"] == "Mine")
            #expect(
                uploaded.json["template_data"]?["archetype_classification"]?["primary_archetype"] == "HELP_SEEKING")
            let encoded = await maker.send(
                "POST", "/scenario/test-archetype-classification",
                Array("scenario_document=A+customer%2C+a+pitch".utf8),
                headers: [("content-type", "application/x-www-form-urlencoded")])
            #expect(encoded.json["primary_archetype"] == "PERSUASION")
            for (body, status) in [
                ("%PDF-1.7 …", 415), ("PK\u{3}\u{4}", 415), (" \n", 422), ("\u{1F}", 422), ("a\u{0}b", 415),
            ] {
                let answer = await maker.ask("POST", "/analyze-scenario-enhanced", ["scenario_document": .string(body)])
                #expect(answer.status == status, "\(body)")
            }
        }
    }

    @Test func `a field that nobody asks for is passed over, even one without a name`() async throws {
        let parts = [("", "x"), ("other", "y"), ("scenario_document", "A nurse calms a worried parent.")].map {
            "--XX\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n\($1)\r\n"
        }
        try await Maker.run { maker in
            let answer = await maker.send(
                "POST", "/analyze-scenario-enhanced", Array((parts.joined() + "--XX--").utf8),
                headers: [("content-type", "multipart/form-data; boundary=XX")])
            #expect(answer.status == 200)
        }
    }

    @Test(arguments: [
        "", "--XX", "--XX\r\n", "--XX\r\n\r\n--XX--", "--XX\r\nContent-Disposition: form-data\r\n\r\na\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb", "XX", "--XX\r\n\r\n\r\n--XX",
    ])
    func `a form that is none is a client's error`(_ body: String) async throws {
        try await Maker.run { maker in
            let answer = await maker.send(
                "POST", "/analyze-scenario-enhanced", Array(body.utf8),
                headers: [("content-type", "multipart/form-data; boundary=XX")])
            #expect([400, 422].contains(answer.status))
        }
    }
}
