import JSON
import Testing
import Transport

@testable import Gateway

@Suite struct ScenarioRoutesTests {
    private static let json: HTTPHeaders = ["host": "127.0.0.1", "content-type": "application/json; charset=utf-8"]
    private static let text: HTTPHeaders = ["host": "127.0.0.1", "content-type": "text/plain"]

    @Test func `S0-1 S0-2 S0-3 S0-5 S0-12 a scenario comes back with every field, and a local persona has no status`()
        async throws
    {
        try await StudioHarness.run { studio in
            let made = await studio.ask("POST", "/api/scenarios", .object(StudioHarness.input()))
            #expect(made.status == 201)
            let id = try #require(made.json["id"]?.string)
            #expect(made.headers["location"] == "/api/scenarios/\(id)")
            let read = await studio.ask("GET", "/api/scenarios/\(id)")
            #expect(read.status == 200 && read.json == made.json && read.headers["etag"] == made.headers["etag"])
            let keys = read.json.object.map { Set($0.keys) }
            #expect(
                keys?.isSuperset(of: [
                    "id", "title", "description", "category", "duration", "difficulty", "tags", "persona", "createdAt",
                    "updatedAt", "isCustom",
                ]) == true)
            #expect(read.json["isCustom"] == true && read.json["tags"] == [])
            #expect(read.json["createdAt"]?.string?.hasSuffix("Z") == true)
            let persona = try #require(read.json["persona"]?.object)
            #expect(persona["status"] == nil && persona["lastStatusAt"] == nil)
            #expect(persona["syncError"] == .null && persona["isSyncedRemote"] == false)
            #expect(persona["pipelineMode"] == "full" && persona["layers"]?["llm"]?["model"] == "tavus-gpt-4o")
        }
    }

    @Test func `S0-2 S0-9 a persona's own fields come back, and the provider's are not taken from a client`()
        async throws
    {
        let persona: [String: JSONValue] = [
            "personaName": "Coach", "systemPrompt": "सुनिए 😀", "pipelineMode": "full", "context": "c",
            "defaultReplicaId": "r1", "document_ids": ["d1"], "document_tags": ["t"],
            "layers": ["llm": ["model": "own"]], "status": "ready", "isSyncedRemote": true, "syncError": "no",
        ]
        try await StudioHarness.run { studio in
            let id = await studio.make(["persona": .object(persona)])
            let read = try #require(await studio.ask("GET", "/api/scenarios/\(id)").json["persona"]?.object)
            for key in ["personaName", "systemPrompt", "pipelineMode", "context", "defaultReplicaId", "document_ids"] {
                #expect(read[key] == persona[key], "\(key)")
            }
            #expect(read["status"] == nil && read["isSyncedRemote"] == false && read["syncError"] == .null)
            #expect(read["layers"]?["llm"]?["model"] == "own" && read["layers"]?["tts"]?["tts_model_name"] == "sonic")
            #expect(read["personaId"]?.string?.isEmpty == false)
        }
    }

    @Test func `every violation is told in one answer of the usual shape`() async throws {
        try await StudioHarness.run { studio in
            let answer = await studio.ask("POST", "/api/scenarios", ["title": "", "duration": 0, "persona": [:]])
            #expect(answer.status == 422 && answer.json["code"] == "validation_failed")
            let fields = Set((answer.json["errors"]?.array ?? []).compactMap { $0["field"]?.string })
            #expect(fields == ["title", "description", "category", "duration", "systemPrompt"])
            #expect(answer.json["error"] == answer.json["message"] && answer.json["detail"] == answer.json["message"])
            #expect(answer.json["request_id"]?.string?.hasPrefix("req_") == true)
        }
    }

    @Test func `a body that is no JSON is answered with the place, another type with 415`() async throws {
        try await StudioHarness.run { studio in
            let head = Self.json
            let bad = await studio.gateway.respond(
                "POST", "/api/scenarios", headers: head, body: "{\"title\": \n oops}")
            #expect(bad.status == 400 && bad.json["code"] == "bad_json")
            #expect(bad.json["message"]?.string?.contains("line 2, column 2") == true)
            let text = await studio.gateway.respond(
                "POST", "/api/scenarios", headers: Self.text, body: "{}")
            #expect(text.status == 415)
            #expect(await studio.gateway.respond("POST", "/api/scenarios", headers: head, body: "[]").status == 400)
        }
    }

    @Test func `a list is filtered and walked, and wrong filters are told`() async throws {
        try await StudioHarness.run { studio in
            for number in 0..<5 {
                _ = await studio.make([
                    "title": .string("Talk \(number)"), "category": number == 0 ? "Performance" : "Leadership",
                    "difficulty": "beginner",
                ])
            }
            _ = await studio.make(["title": "Foreign"], as: "ravi")
            let first = await studio.ask("GET", "/api/scenarios?limit=3")
            #expect(first.json["total"] == 5 && first.json["items"]?.array?.count == 3)
            let next = try #require(first.json["next"]?.string)
            let second = await studio.ask("GET", "/api/scenarios?limit=3&after=\(next)")
            #expect(second.json["items"]?.array?.count == 2 && second.json["next"] == .null)
            #expect(await studio.ask("GET", "/api/scenarios?category=Performance").json["total"] == 1)
            #expect(await studio.ask("GET", "/api/scenarios?q=talk%203&isCustomOnly=true").json["total"] == 1)
            #expect(await studio.ask("GET", "/api/scenarios?difficulty=advanced").json["total"] == 0)
            for query in ["limit=0", "limit=x", "after=x", "category=x", "difficulty=x", "isCustomOnly=maybe"] {
                #expect(await studio.ask("GET", "/api/scenarios?\(query)").status == 422, "\(query)")
            }
            let categories = try #require(await studio.ask("GET", "/api/scenarios/categories").json.array)
            #expect(categories.count == 6 && categories.contains(["name": "Leadership", "count": 4]))
        }
    }

    @Test func `an edit of an old version is refused, and one of the present one is kept`() async throws {
        try await StudioHarness.run { studio in
            let id = await studio.make(["persona": ["systemPrompt": "Keep me"]])
            let path = "/api/scenarios/\(id)"
            let etag = try #require(await studio.ask("GET", path).headers["etag"])
            #expect(await studio.ask("GET", path, headers: [("if-none-match", etag)]).status == 304)
            let body = JSONValue.object(StudioHarness.input(["title": "Second"]))
            let kept = await studio.ask("PUT", path, body, headers: [("if-match", etag)])
            #expect(kept.status == 200 && kept.json["title"] == "Second" && kept.headers["etag"] != etag)
            #expect(kept.json["persona"]?["systemPrompt"] == "Keep me")
            for tag in [etag, "nonsense", "\"0-local\"", "\"x\"", "\(etag), \"2-local\""] {
                let refused = await studio.ask("PUT", path, body, headers: [("if-match", tag)])
                #expect(refused.status == 412 && refused.json["code"] == "changed", "\(tag)")
            }
            #expect(await studio.ask("PUT", path, body, headers: [("if-match", "*")]).status == 200)
            #expect(await studio.ask("DELETE", path, headers: [("if-match", etag)]).status == 412)
            #expect(await studio.ask("DELETE", path).status == 204)
            #expect(await studio.ask("GET", path).status == 404)
        }
    }

    @Test func `a scenario that was read can be sent back`() async throws {
        try await StudioHarness.run { studio in
            let id = await studio.make()
            let read = await studio.ask("GET", "/api/scenarios/\(id)").json
            let kept = await studio.ask("PUT", "/api/scenarios/\(id)", read)
            #expect(kept.status == 200 && kept.json["persona"] == read["persona"])
        }
    }

    @Test func `the same request makes one scenario, another one with the same key none`() async throws {
        try await StudioHarness.run { studio in
            let key = [("idempotency-key", "k-1")]
            let body = JSONValue.object(StudioHarness.input())
            let first = await studio.ask("POST", "/api/scenarios", body, headers: key)
            let again = await studio.ask("POST", "/api/scenarios", body, headers: key)
            #expect(again.status == 201 && again.text == first.text && again.headers["etag"] == first.headers["etag"])
            #expect(again.headers["idempotent-replayed"] == "true" && first.headers["idempotent-replayed"] == nil)
            let other = JSONValue.object(StudioHarness.input(["title": "Other"]))
            let reused = await studio.ask("POST", "/api/scenarios", other, headers: key)
            #expect(reused.status == 409 && reused.json["code"] == "idempotency_key_reused")
            #expect(await studio.ask("GET", "/api/scenarios").json["total"] == 1)
            #expect(await studio.ask("POST", "/api/scenarios", body, headers: [("idempotency-key", "")]).status == 400)
        }
    }

    @Test func `nobody can tell somebody else's scenario from one that is not there`() async throws {
        try await StudioHarness.run { studio in
            let id = await studio.make()
            let body = JSONValue.object(StudioHarness.input())
            for method in ["GET", "PUT", "DELETE"] {
                var answers: [Answer] = []
                for path in ["/api/scenarios/\(id)", "/api/scenarios/scn_000000000000000000000000"] {
                    answers.append(await studio.ask(method, path, method == "PUT" ? body : nil, as: "ravi"))
                }
                #expect(answers[0].status == 404 && answers[1].status == 404)
                #expect(answers[0].json["message"] == answers[1].json["message"])
            }
            #expect(await studio.ask("GET", "/api/scenarios/\(id)/..", as: "ravi").status == 404)
            #expect(await studio.ask("GET", "/api/scenarios/%00", as: "ravi").status == 404)
        }
    }

    @Test func `S0-65 a template fills what a client leaves out`() async throws {
        try await StudioHarness.run { studio in
            let templates = await studio.ask("GET", "/api/persona-templates")
            #expect(templates.json["items"]?.array?.first?["template_id"] == "hard-talk")
            let made = await studio.ask("POST", "/api/scenarios", ["template_id": "hard-talk", "title": "Mine"])
            #expect(made.status == 201 && made.json["title"] == "Mine" && made.json["duration"] == 12)
            #expect(made.json["persona"]?["systemPrompt"] == "You are Nandini.")
            let unknown = await studio.ask("POST", "/api/scenarios", ["template_id": "none"])
            #expect(unknown.status == 422 && unknown.json["errors"]?.array?.first?["field"] == "template_id")
        }
    }
}

@Suite struct OwnPersonaRoutesTests {
    @Test func `S0-60 functions are added one by one, twenty at most, and replaced by name`() async throws {
        try await StudioHarness.run { studio in
            let id = await studio.make()
            let path = "/api/personas/\(id)/tools"
            for number in 0..<20 {
                #expect(await studio.ask("POST", path, ["name": .string("tool_\(number)")]).status == 201)
            }
            #expect(await studio.ask("POST", path, ["name": "one_more"]).status == 422)
            let replaced = await studio.ask("POST", path, ["name": "tool_3", "description": "New"])
            #expect(replaced.status == 201 && replaced.json["tools"]?.array?.count == 20)
            let wrong = await studio.ask("POST", path, ["parameters": "x"])
            #expect(wrong.status == 422 && wrong.json["errors"]?.array?.count == 2)
            #expect(await studio.ask("POST", path, ["name": "a"], as: "ravi").status == 404)
            let tools = await studio.ask("GET", "/api/scenarios/\(id)").json["persona"]?["layers"]?["llm"]?["tools"]
            #expect(tools?.array?.count == 20)
        }
    }

    @Test func `S0-66 what one user exports another imports, without secrets`() async throws {
        try await StudioHarness.run { studio in
            let layers: JSONValue = ["llm": ["model": "own", "api_key": "sk-canary"]]
            let id = await studio.make(["persona": ["systemPrompt": "Listen", "layers": layers]])
            let export = await studio.ask("GET", "/api/personas/\(id)/export")
            #expect(export.status == 200 && !export.text.contains("canary"))
            #expect(await studio.ask("GET", "/api/personas/\(id)/export", as: "ravi").status == 404)
            let made = await studio.ask("POST", "/api/personas/import", export.json, as: "ravi")
            #expect(made.status == 201 && made.json["persona"]?["systemPrompt"] == "Listen")
            let copy = try #require(made.json["id"]?.string)
            #expect(await studio.ask("GET", "/api/scenarios/\(copy)", as: "ravi").json["title"] == "Feedback")
            #expect(await studio.ask("GET", "/api/scenarios/\(copy)").status == 404)
            #expect(await studio.ask("POST", "/api/personas/import", ["format": "x"]).status == 422)
        }
    }

    @Test func `a persona that stands alone is imported, and deleted by its owner`() async throws {
        try await StudioHarness.run { studio in
            let document: JSONValue = ["format": "vaani.persona", "version": 1, "persona": ["systemPrompt": "Listen"]]
            let made = await studio.ask("POST", "/api/personas/import", document)
            let id = try #require(made.json["personaId"]?.string)
            #expect(await studio.ask("DELETE", "/api/personas/\(id)", as: "ravi").status == 404)
            #expect(await studio.ask("DELETE", "/api/personas/\(id)").status == 204)
            #expect(await studio.ask("GET", "/api/personas/\(id)/stats").status == 404)
        }
    }

    @Test func `S0-64 figures of a persona are its owner's to see, those of the product everybody's`() async throws {
        try await StudioHarness.run { studio in
            let id = await studio.make()
            let stats = await studio.ask("GET", "/api/personas/\(id)/stats")
            #expect(stats.json["sessions"] == 0 && stats.json["completion_rate"] == .null)
            #expect(await studio.ask("GET", "/api/personas/\(id)/stats", as: "ravi").status == 404)
            #expect(await studio.ask("GET", "/api/personas/hard-talk/stats", as: "ravi").status == 200)
            #expect(await studio.ask("POST", "/api/sessions/sess_x/rating", ["stars": 5]).status == 404)
            #expect(await studio.ask("POST", "/api/sessions/sess_x/rating", ["stars": 6]).status == 422)
        }
    }

    @Test func `S0-63 an experiment divides users, and each keeps a side`() async throws {
        try await StudioHarness.run { studio in
            let id = await studio.make()
            let body: JSONValue = ["name": "Tone", "persona_a": "hard-talk", "persona_b": .string(id)]
            let made = await studio.ask("POST", "/api/experiments", body)
            let experiment = try #require(made.json["experiment_id"]?.string)
            var sides: [JSONValue] = []
            for user in ["u1", "u2", "u1", "u2"] {
                let answer = await studio.ask("GET", "/api/experiments/\(experiment)/variant", as: user)
                sides.append(answer.json["variant"] ?? .null)
            }
            #expect(sides[0] == sides[2] && sides[1] == sides[3] && sides[0] != sides[1])
            #expect(await studio.ask("GET", "/api/experiments/\(experiment)", as: "u1").status == 404)
            #expect(await studio.ask("GET", "/api/experiments/\(experiment)").json["variants"]?["a"]?["sessions"] == 0)
            let wrong = await studio.ask(
                "POST", "/api/experiments", ["name": " ", "persona_a": "hard-talk", "persona_b": "none"])
            #expect(wrong.status == 422 && wrong.json["errors"]?.array?.count == 1)
            let foreign = await studio.ask("POST", "/api/experiments", body, as: "ravi")
            #expect(foreign.status == 404 && foreign.json["errors"]?.array?.first?["field"] == "persona_b")
        }
    }
}

@Suite struct APIDocumentTests {
    @Test func `every route that a program may call is described, and nothing else`() async throws {
        try await StudioHarness.run { studio in
            let document = await studio.ask("GET", "/openapi.json").json
            let paths = try #require(document["paths"]?.object)
            let described = paths.flatMap { path, methods in (methods.object ?? [:]).keys.map { "\($0) \(path)" } }
            let routes = StudioRoutes(studio.store) { StudioHarness.catalog }.routes
            for route in routes {
                #expect(described.contains("\(route.method.lowercased()) \(route.template)"))
            }
            for path in ["/livez", "/metrics", "/api/status", "/api/admin/sessions", "/openapi.json"] {
                #expect(paths[path]?["get"] != nil, "\(path)")
            }
            let ids = paths.values.flatMap { ($0.object ?? [:]).values.compactMap { $0["operationId"]?.string } }
            #expect(Set(ids).count == ids.count)
        }
    }

    @Test func `every reference of the document leads somewhere`() async throws {
        try await StudioHarness.run { studio in
            let document = await studio.ask("GET", "/openapi.json").json
            func references(_ value: JSONValue) -> [String] {
                switch value {
                case .object(let members):
                    (members["$ref"]?.string.map { [$0] } ?? []) + members.values.flatMap(references)
                case .array(let items): items.flatMap(references)
                default: []
                }
            }
            for reference in Set(references(document)) {
                var target: JSONValue? = document
                for part in reference.split(separator: "/").dropFirst() { target = target?[String(part)] }
                #expect(target != nil, "\(reference)")
            }
        }
    }
}
