import JSON
import Testing

@testable import ProviderDouble

struct ControlTests {
    @Test func `T-16 the journal tells what came, and shows keys only when asked`() throws {
        var cloud = try Cloud()
        _ = cloud.ask("POST", "/v2/personas", Cloud.persona, key: "sk-secret")
        _ = cloud.ask("GET", "/v2/documents", query: ["page": "0"], key: "sk-secret")
        let masked = cloud.order("GET", "/requests").json
        #expect(masked["count"] == 2 && !masked.text.contains("sk-secret"))
        let first = masked["requests"]?.array?.first
        #expect(first?["at"] == "2025-12-01T10:00:00.000Z")
        #expect(first?["method"] == "POST" && first?["status"] == 200 && first?["body"] == Cloud.persona)
        let shown = cloud.order("GET", "/requests", query: ["keys": "shown", "path": "/v2/doc*"]).json
        #expect(shown["count"] == 1)
        #expect(shown["requests"]?.array?.first?["headers"]?["x-api-key"] == "sk-secret")
        _ = cloud.order("DELETE", "/requests")
        #expect(cloud.order("GET", "/requests").json["count"] == 0)
        #expect(cloud.order("GET", "/requests").json["total"] == 2)
    }

    @Test func `the journal notes what went unanswered`() throws {
        var cloud = try Cloud()
        try cloud.state.add(FaultRule(["path": "*", "answer": "close"]))
        _ = cloud.ask("GET", "/v2/personas")
        let entry = cloud.order("GET", "/requests").json["requests"]?.array?.first
        #expect(entry?["status"] == .null && entry?["fault"] == "close")
    }

    @Test func `the journal keeps the latest and has an end`() throws {
        var cloud = try Cloud()
        for _ in 0..<(RequestJournal.capacity + 10) { _ = cloud.ask("GET", "/v2/voices") }
        #expect(cloud.state.journal.entries.count <= RequestJournal.capacity)
        #expect(cloud.state.journal.entries.last?.number == RequestJournal.capacity + 10)
    }

    @Test func `orders move the clock without anybody waiting`() throws {
        var cloud = try Cloud(["status": "spec", "persona_lag": 120])
        #expect(cloud.order("POST", "/clock", ["set": "2025-12-01T10:00:00Z"]).json["now"] == "2025-12-01T10:00:00Z")
        let id = cloud.create()
        cloud.wait(500)
        #expect(cloud.ask("GET", "/v2/personas/\(id)").json["data"]?.array?.first?["status"] == "queued")
        #expect(cloud.order("POST", "/clock", ["advance": 120]).json["now"] == "2025-12-01T10:02:00Z")
        #expect(cloud.ask("GET", "/v2/personas/\(id)").json["data"]?.array?.first?["status"] == "ready")
    }

    @Test(arguments: [[:], ["set": "yesterday"], ["advance": "1"], ["set": 5], ["advance": 1e300]] as [JSONValue])
    func `an order to the clock that is none moves nothing`(order: JSONValue) throws {
        var cloud = try Cloud()
        #expect(cloud.order("POST", "/clock", order).status == 422)
        #expect(cloud.state.clock == DoubleClock())
    }

    @Test func `a record's status can be given, and left to time again`() throws {
        var cloud = try Cloud()
        _ = cloud.order(
            "POST", "/records", ["document": "d0000hand1", "status": "error", "error_message": "file_size_too_large"])
        #expect(cloud.ask("GET", "/v2/documents/d0000hand1").json["error_message"] == "file_size_too_large")
        _ = cloud.order("POST", "/records", ["document": "d0000hand1", "status": .null])
        #expect(cloud.ask("GET", "/v2/documents/d0000hand1").json["status"] == "ready")
        #expect(cloud.order("POST", "/records", ["document": "d404", "status": "error"]).status == 422)
    }

    @Test func `settings change while it runs, all or none`() throws {
        var cloud = try Cloud()
        _ = cloud.order("POST", "/settings", ["get": "flat", "status": "spec"])
        #expect(cloud.ask("GET", "/v2/personas/pstock0001").json["status"] == "ready")
        #expect(cloud.order("POST", "/settings", ["get": "array", "status": "later"]).status == 422)
        #expect(cloud.state.settings.shape == .flat)
    }

    @Test func `a reset is a fresh start`() throws {
        var cloud = try Cloud()
        let fresh = cloud.state
        _ = cloud.create()
        try cloud.state.add(FaultRule(["path": "*", "answer": 500]))
        _ = cloud.order("POST", "/reset")
        #expect(cloud.state == fresh)
    }

    @Test func `it says that it is a double`() throws {
        var cloud = try Cloud(key: "secret")
        let summary = cloud.order("GET", "").json
        #expect(summary["double"]?.string?.contains("double") == true)
        #expect(!summary.text.contains("secret"))
    }

    @Test(
        arguments: [
            [], ["people": []], ["documents": [[:]]], ["replicas": ["r1"]],
            ["personas": [["persona_id": ""]]],
        ] as [JSONValue])
    func `a seed that is none is refused`(document: JSONValue) {
        #expect(throws: ProviderDoubleError.self) { try DoubleSeed(document) }
    }

    @Test func `a seed of one's own takes the stock's place`() throws {
        let seed = try DoubleSeed([
            "documents": [["document_id": "d1", "document_name": "One", "status": "processing"]]
        ])
        var cloud = try Cloud(seed: seed)
        #expect(cloud.ask("GET", "/v2/documents").ids == ["d1"])
        #expect(cloud.ask("GET", "/v2/documents/d1").json["status"] == "processing")
        #expect(cloud.ask("GET", "/v2/replicas").ids.isEmpty)
    }
}
