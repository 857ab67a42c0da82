import JSON
import Testing

@testable import ProviderDouble

struct PersonaTests {
    @Test func `T-3 a new persona is answered with its id, name and moment, and with no status`() throws {
        var cloud = try Cloud()
        let answer = cloud.ask("POST", "/v2/personas", Cloud.persona)
        let id = try #require(answer.json["persona_id"]?.string)
        #expect(
            answer
                == Answer(
                    200,
                    [
                        "persona_id": .string(id), "persona_name": "Life Coach", "created_at": "2025-12-01T10:00:00Z",
                    ]))
    }

    @Test func `T-15 in the provider's own mode no persona ever has a status`() throws {
        var cloud = try Cloud()
        let id = cloud.create()
        cloud.wait(3_600)
        #expect(cloud.ask("GET", "/v2/personas/\(id)").json["data"]?.array?.first?["status"] == nil)
        #expect(cloud.ask("GET", "/v2/personas").json.text.contains("status") == false)
    }

    @Test func `S0-52 the mode of the specification replays p123, queued at 10:00 and ready at 10:02`() throws {
        var cloud = try Cloud(["status": "spec", "persona_lag": 120])
        let answer = cloud.ask("POST", "/v2/personas", Cloud.persona)
        #expect(
            answer.json == [
                "persona_id": "p123", "persona_name": "Life Coach", "created_at": "2025-12-01T10:00:00Z",
                "status": "queued",
            ])
        cloud.wait(119)
        #expect(cloud.ask("GET", "/v2/personas/p123").json["data"]?.array?.first?["status"] == "queued")
        cloud.wait(1)
        #expect(cloud.ask("GET", "/v2/personas/p123").json["data"]?.array?.first?["status"] == "ready")
    }

    @Test func `T-3 one persona comes as an array or flat`() throws {
        for shape in ["array", "flat"] {
            var cloud = try Cloud(["get": .string(shape)])
            let id = cloud.create()
            let json = cloud.ask("GET", "/v2/personas/\(id)").json
            let persona = shape == "array" ? json["data"]?.array?.first : json
            #expect(persona?["persona_id"] == .string(id))
            #expect(persona?["system_prompt"] == "You coach.")
        }
    }

    @Test func `the list counts pages from 1, tells the total and knows whose personas they are`() throws {
        var cloud = try Cloud()
        let ids = (0..<12).map { _ in cloud.create() }
        let first = cloud.ask("GET", "/v2/personas")
        #expect(first.ids == Array(ids.reversed().prefix(10)))
        #expect(first.json["total_count"] == 13)
        let second = cloud.ask("GET", "/v2/personas", query: ["page": "2", "limit": "12", "persona_type": "user"])
        #expect(second.ids.isEmpty && second.json["total_count"] == 12)
        #expect(cloud.ask("GET", "/v2/personas", query: ["persona_type": "system"]).ids == ["pstock0001"])
    }

    @Test(arguments: [["limit": "0"], ["limit": "x"], ["page": "0"], ["limit": "101"], ["page": "-1"]])
    func `a page that is none is refused`(query: [String: String]) throws {
        var cloud = try Cloud()
        #expect(cloud.ask("GET", "/v2/personas", query: query).status == 400)
    }

    @Test(
        arguments: [
            (["persona_name": "No prompt"], "system_prompt is required"),
            (["system_prompt": ""], "system_prompt is required"),
            (["pipeline_mode": "custom", "system_prompt": "x"], "Invalid pipeline_mode"),
            (["system_prompt": "x", "default_replica_id": "r404"], "Invalid replica_uuid"),
            (["system_prompt": "x", "document_ids": ["d404"]], "Invalid document_id"),
            (["system_prompt": "x", "layers": []], "Invalid layers"),
            (["system_prompt": "x", "persona_name": "a", "pal_name": "b"], "Both names of one field were sent"),
        ] as [(JSONValue, String)])
    func `T-4 what is wrong with a persona is refused, and nothing is made`(body: JSONValue, text: String) throws {
        var cloud = try Cloud()
        #expect(cloud.ask("POST", "/v2/personas", body) == Answer(400, ["error": .string(text)]))
        #expect(cloud.state.created == 0)
    }

    @Test func `an echo needs no prompt`() throws {
        var cloud = try Cloud()
        #expect(cloud.ask("POST", "/v2/personas", ["pipeline_mode": "echo"]).status == 200)
    }

    @Test func `T-4 without the key nothing is told`() throws {
        var cloud = try Cloud(key: "secret")
        let refused = Answer(401, ["message": "Invalid access token"])
        #expect(cloud.ask("GET", "/v2/personas", key: nil) == refused)
        #expect(cloud.ask("GET", "/v2/personas", key: "wrong") == refused)
        #expect(cloud.ask("GET", "/v2/personas", key: "secret").status == 200)
    }

    @Test func `who is gone is gone`() throws {
        var cloud = try Cloud()
        let id = cloud.create()
        #expect(cloud.ask("DELETE", "/v2/personas/\(id)") == Answer(204))
        #expect(cloud.ask("DELETE", "/v2/personas/\(id)").status == 404)
        #expect(cloud.ask("GET", "/v2/personas/\(id)") == Answer(400, ["error": "Invalid persona_id"]))
    }

    @Test func `T-13 the newer words need a face and give the same personas in their own words`() throws {
        var cloud = try Cloud()
        let body: JSONValue = ["pal_name": "Coach", "system_prompt": "x", "default_face_id": "r0000anna1"]
        let made = cloud.ask("POST", "/v2/pals", body)
        let id = try #require(made.json["pal_id"]?.string)
        #expect(made.json["persona_id"] == nil && made.json["pal_name"] == "Coach")
        #expect(cloud.ask("GET", "/v2/pals/\(id)").json["data"]?.array?.first?["default_face_id"] == "r0000anna1")
        #expect(cloud.ask("GET", "/v2/personas/\(id)").json["data"]?.array?.first?["persona_name"] == "Coach")
        let faceless = cloud.ask("POST", "/v2/pals", Cloud.persona)
        #expect(faceless == Answer(400, ["error": "default_face_id is required"]))
        var both = try #require(body.object)
        both["default_replica_id"] = "r0000anna1"
        #expect(cloud.ask("POST", "/v2/pals", .object(both)).status == 400)
    }

    @Test func `T-3 a patch changes, changes nothing, or is refused`() throws {
        var cloud = try Cloud()
        let id = cloud.create()
        let rename: JSONValue = [["op": "replace", "path": "/persona_name", "value": "Mentor"]]
        #expect(cloud.ask("PATCH", "/v2/personas/\(id)", rename).status == 200)
        #expect(cloud.ask("PATCH", "/v2/personas/\(id)", rename).status == 304)
        #expect(cloud.ask("PATCH", "/v2/personas/\(id)", [["op": "remove", "path": "/nowhere"]]).status == 422)
        #expect(cloud.ask("PATCH", "/v2/personas/\(id)", ["persona_name": "Mentor"]).status == 400)
        #expect(cloud.ask("PATCH", "/v2/personas/\(id)", [["op": "remove", "path": "/system_prompt"]]).status == 400)
        #expect(cloud.ask("PATCH", "/v2/personas/p404", rename).status == 400)
        #expect(cloud.ask("GET", "/v2/personas/\(id)").json["data"]?.array?.first?["persona_name"] == "Mentor")
    }
}
