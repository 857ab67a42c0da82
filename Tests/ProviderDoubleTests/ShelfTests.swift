import JSON
import Testing

@testable import ProviderDouble

/// Documents, replicas and voices.
struct ShelfTests {
    @Test func `T-10 documents count pages from 0 and are found by status, tags and name`() throws {
        var cloud = try Cloud()
        #expect(cloud.ask("GET", "/v2/documents").ids.count == 4)
        #expect(cloud.ask("GET", "/v2/documents", query: ["page": "1", "limit": "3"]).ids == ["d0000empty"])
        #expect(cloud.ask("GET", "/v2/documents", query: ["status": "ready"]).json["total_count"] == 3)
        #expect(cloud.ask("GET", "/v2/documents", query: ["tags": "hr,policy"]).ids == ["d0000hand1"])
        #expect(cloud.ask("GET", "/v2/documents", query: ["tags": "hr,sales"]).ids.isEmpty)
        #expect(cloud.ask("GET", "/v2/documents", query: ["name_or_uuid": "HANDBOOK"]).ids.count == 2)
        #expect(cloud.ask("GET", "/v2/documents", query: ["name_or_uuid": "d0000price"]).ids == ["d0000price"])
    }

    @Test func `T-10 a document that failed says why in the provider's code`() throws {
        var cloud = try Cloud()
        let json = cloud.ask("GET", "/v2/documents/d0000empty").json
        #expect(json["status"] == "error" && json["error_message"] == "file_empty")
    }

    @Test func `a document takes its time`() throws {
        var cloud = try Cloud(["document_lag": 10])
        let body: JSONValue = ["document_url": "https://example.com/a.pdf", "document_name": "A", "tags": ["x"]]
        let id = try #require(cloud.ask("POST", "/v2/documents", body).json["document_id"]?.string)
        var seen: [JSONValue?] = []
        for _ in 0..<3 {
            seen.append(cloud.ask("GET", "/v2/documents/\(id)").json["status"])
            cloud.wait(5)
        }
        #expect(seen == ["started", "processing", "ready"])
    }

    @Test func `a document is renamed, read again and taken away`() throws {
        var cloud = try Cloud()
        #expect(cloud.ask("PATCH", "/v2/documents/d0000price", ["tags": ["new"]]).json["tags"] == ["new"])
        #expect(cloud.ask("POST", "/v2/documents/d0000price/recrawl").status == 202)
        #expect(cloud.ask("DELETE", "/v2/documents/d0000price").status == 204)
        #expect(cloud.ask("GET", "/v2/documents/d0000price").status == 400)
        #expect(cloud.ask("POST", "/v2/documents", ["document_name": "no address"]).status == 400)
    }

    @Test func `T-11 replicas come in every state, and their type only when asked for`() throws {
        var cloud = try Cloud()
        let plain = try #require(cloud.ask("GET", "/v2/replicas").json["data"]?.array)
        #expect(plain.map { $0["status"]?.string } == ["completed", "completed", "completed", "started", "error"])
        #expect(plain.allSatisfy { $0["replica_type"] == nil })
        #expect(plain.map { $0["training_progress"]?.string ?? "" }.prefix(1) == ["100/100"])
        #expect(plain.map { $0["thumbnail_video_url"]?.isNull } == [false, false, false, true, true])
        let verbose = cloud.ask("GET", "/v2/replicas", query: ["verbose": "true"]).json["data"]?.array
        #expect(verbose?.first?["replica_type"] == "system")
    }

    @Test func `a replica trains as long as was said`() throws {
        var cloud = try Cloud(["replica_lag": 100])
        let body: JSONValue = ["replica_name": "Asha", "train_video_url": "https://example.com/v.mp4"]
        let made = cloud.ask("POST", "/v2/replicas", body)
        let id = try #require(made.json["replica_id"]?.string)
        #expect(made.json["status"] == "started")
        cloud.wait(40)
        let training = cloud.ask("GET", "/v2/replicas/\(id)").json
        #expect(training["status"] == "started" && training["training_progress"] == "40/100")
        cloud.wait(60)
        #expect(cloud.ask("GET", "/v2/replicas/\(id)").json["status"] == "completed")
        #expect(cloud.ask("GET", "/v2/faces/\(id)").json["face_name"] == "Asha")
    }

    @Test(arguments: [[:], ["train_video_url": "file:///etc/passwd"], ["replica_name": "x"]] as [JSONValue])
    func `a replica without a film is refused`(body: JSONValue) throws {
        var cloud = try Cloud()
        #expect(cloud.ask("POST", "/v2/replicas", body).status == 400)
    }

    @Test func `a voice is cloned from an address`() throws {
        var cloud = try Cloud()
        let body: JSONValue = ["voice_name": "Asha", "audio_url": "https://example.com/a.wav"]
        let id = try #require(cloud.ask("POST", "/v2/voices", body).json["voice_id"]?.string)
        #expect(cloud.ask("GET", "/v2/voices/\(id)").json["voice_name"] == "Asha")
        #expect(cloud.ask("POST", "/v2/voices", ["voice_name": "Asha"]).status == 400)
    }

    @Test(arguments: ["/", "/v2", "/v2/", "/v2/personas/", "/v2/other", "/v2/personas/a/b/c", "//", "/v3/personas"])
    func `a path that the provider does not have is not found`(path: String) throws {
        var cloud = try Cloud()
        #expect([404, 405].contains(cloud.ask("GET", path).status))
    }
}
