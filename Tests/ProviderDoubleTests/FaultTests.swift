import JSON
import Testing

@testable import ProviderDouble

struct FaultTests {
    @Test func `a rule touches so many requests of its path and method, then no more`() throws {
        var cloud = try Cloud()
        let rule: JSONValue = ["method": "POST", "path": "/v2/personas", "answer": 429, "retry_after": 7, "times": 2]
        #expect(cloud.order("POST", "/faults", rule).status == 200)
        #expect(cloud.ask("GET", "/v2/personas").status == 200)
        guard case .reply(let reply) = cloud.outcome("POST", "/v2/personas", Cloud.persona).end else {
            return #expect(Bool(false), "429 is an answer")
        }
        #expect(reply.status == 429 && reply.headers["retry-after"] == "7")
        #expect(cloud.ask("POST", "/v2/personas", Cloud.persona).status == 429)
        #expect(cloud.ask("POST", "/v2/personas", Cloud.persona).status == 200)
        #expect(cloud.state.created == 1)
    }

    @Test(
        arguments: [
            (400, ["error": "Invalid request"]), (401, ["message": "Invalid access token"]),
            (422, ["message": "Unprocessable entity"]), (503, ["message": "Status 503"]),
        ] as [(Int, JSONValue)])
    func `T-16 a status is refused in the provider's words`(status: Int, body: JSONValue) throws {
        var cloud = try Cloud()
        try cloud.state.add(FaultRule(["path": "/v2/*", "answer": .integer(status)]))
        #expect(cloud.ask("GET", "/v2/documents") == Answer(status, body))
    }

    @Test func `a request that took effect can go without an answer`() throws {
        for end in ["close", "hang"] {
            var cloud = try Cloud()
            try cloud.state.add(
                FaultRule(["path": "/v2/personas", "answer": .string(end), "applied": true, "times": 1]))
            let outcome = cloud.outcome("POST", "/v2/personas", Cloud.persona)
            #expect(outcome == DoubleOutcome(end == "close" ? .close : .hang))
            #expect(cloud.ask("GET", "/v2/personas", query: ["persona_type": "user"]).ids.count == 1)
        }
    }

    @Test func `a request can take effect when nobody waits for it any more`() throws {
        var cloud = try Cloud()
        try cloud.state.add(FaultRule(["path": "/v2/personas", "answer": "hang", "effect_after": 3, "times": 1]))
        #expect(cloud.outcome("POST", "/v2/personas", Cloud.persona) == DoubleOutcome(.hang))
        cloud.wait(2.9)
        #expect(cloud.ask("GET", "/v2/personas", query: ["persona_type": "user"]).ids.isEmpty)
        cloud.wait(0.1)
        #expect(cloud.ask("GET", "/v2/personas", query: ["persona_type": "user"]).ids.count == 1)
        cloud.wait(10)
        #expect(cloud.order("GET", "").json["created"] == 1)
    }

    @Test func `without effect nothing is made`() throws {
        var cloud = try Cloud()
        try cloud.state.add(FaultRule(["path": "/v2/personas", "answer": 502, "times": 1]))
        #expect(cloud.ask("POST", "/v2/personas", Cloud.persona).status == 502)
        #expect(cloud.state.created == 0)
    }

    @Test func `a right answer can come late, and what was asked is done at once`() throws {
        var cloud = try Cloud(["delay": 2])
        #expect(cloud.outcome("GET", "/v2/documents").delay == .seconds(2))
        try cloud.state.add(FaultRule(["path": "/v2/personas", "wait": 5]))
        #expect(cloud.outcome("POST", "/v2/personas", Cloud.persona).delay == .seconds(5))
        #expect(cloud.state.created == 1)
    }

    @Test func `a rule can leave the first requests alone`() throws {
        var cloud = try Cloud()
        try cloud.state.add(FaultRule(["path": "/v2/personas", "answer": 500, "skip": 2, "times": 1]))
        #expect((0..<4).map { _ in cloud.ask("GET", "/v2/personas").status } == [200, 200, 500, 200])
    }

    @Test func `garbage is no JSON and says that it is`() throws {
        var cloud = try Cloud()
        try cloud.state.add(FaultRule(["path": "*", "answer": "garbage"]))
        guard case .reply(let reply) = cloud.outcome("GET", "/v2/documents").end else {
            return #expect(Bool(false), "garbage is an answer")
        }
        #expect(reply.headers["content-type"] == "application/json")
        #expect((try? JSONValue(parsing: reply.body)) == nil)
    }

    @Test func `an oversized answer is JSON of that size`() throws {
        var cloud = try Cloud()
        try cloud.state.add(FaultRule(["path": "*", "answer": "oversized", "bytes": 1_000]))
        let answer = cloud.ask("GET", "/v2/documents")
        #expect(answer.json["data"]?.string?.count == 1_000)
    }

    @Test func `a provider can repeat the key, and send somebody elsewhere`() throws {
        var cloud = try Cloud()
        try cloud.state.add(
            FaultRule([
                "path": "*", "answer": 302, "headers": ["Location": "http://example.com/"],
                "body": ["error": "key $KEY is late"],
            ]))
        guard case .reply(let reply) = cloud.outcome("GET", "/v2/documents", key: "sk-1").end else {
            return #expect(Bool(false), "302 is an answer")
        }
        #expect(reply.headers["location"] == "http://example.com/")
        #expect(String(decoding: reply.body, as: UTF8.self) == #"{"error":"key sk-1 is late"}"#)
    }

    @Test(
        arguments: [
            [], ["path": "v2", "answer": 500], ["answer": 500], ["path": "/a"], ["path": "/a", "answer": 99],
            ["path": "/a", "answer": "later"], ["path": "/a", "wait": -1], ["path": "/a", "answer": 500, "times": -1],
            ["path": "/a", "answer": 500, "tmies": 1],
            ["path": "/a", "wait": 1, "effect_after": 1], ["path": "/a", "answer": 500, "effect_after": -1],
            ["path": "/a", "answer": 500, "headers": ["a": 1]],
        ] as [JSONValue])
    func `a rule that is none is refused, and none comes into force`(rule: JSONValue) throws {
        var cloud = try Cloud()
        let answer = cloud.order("POST", "/faults", [rule])
        #expect(answer.status == 422 && answer.json["error"]?.string?.isEmpty == false)
        #expect(cloud.state.faults.rules.isEmpty)
    }

    @Test func `rules are listed and taken away`() throws {
        var cloud = try Cloud()
        _ = cloud.order("POST", "/faults", [["path": "/a", "answer": 500], ["path": "/b", "answer": "hang"]])
        #expect(cloud.order("GET", "/faults").json.array?.map { $0["answer"] } == ["500", "hang"])
        _ = cloud.order("DELETE", "/faults")
        #expect(cloud.order("GET", "/faults").json == [])
    }

    @Test func `there is an end to rules`() throws {
        var cloud = try Cloud()
        let many = (0...FaultList.capacity).map { _ in ["path": "/a", "answer": 500] as JSONValue }
        #expect(cloud.order("POST", "/faults", .array(many)).status == 422)
        #expect(cloud.state.faults.rules.count <= FaultList.capacity)
    }
}
