import Foundation
import JSON
import Testing
import Transport

@testable import ProviderDouble

struct ServingTests {
    private func double(_ rule: JSONValue? = nil) throws -> ProviderDouble {
        var state = DoubleState(DoubleSettings(), at: Cloud.start)
        if let rule { try state.add(FaultRule(rule)) }
        return try ProviderDouble(state, now: { Cloud.start })
    }

    private func request(_ path: String, from address: String = "127.0.0.1") -> HTTPRequest {
        HTTPRequest(
            head: HTTPRequestHead(
                method: "GET", path: path, headers: ["X-API-Key": "k"], remoteAddress: address))
    }

    private func says(_ response: HTTPResponse) -> Bool {
        response.headers.contains { $0.0 == "x-double" && $0.1 == "vaani provider-double" }
    }

    @Test func `every answer says that it comes from a double`() async throws {
        for path in ["/v2/personas", "/v2/none", "/__double"] {
            #expect(self.says(await (try self.double()).respond(to: self.request(path))))
        }
    }

    @Test func `orders are taken from this machine alone`() async throws {
        let double = try self.double()
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            #expect(await double.respond(to: self.request("/__double/requests", from: address)).status == 200)
        }
        for address in ["10.0.0.1", "192.168.1.1", "::2", ""] {
            #expect(await double.respond(to: self.request("/__double/requests", from: address)).status == 404)
        }
    }

    @Test func `a request that hangs ends when its client goes`() async throws {
        let double = try self.double(["path": "*", "answer": "hang"])
        let request = self.request("/v2/personas")
        let task = Task { await double.respond(to: request) }
        task.cancel()
        _ = await task.value
    }

    @Test func `the log has a line for each request, and no key`() async throws {
        let path = NSTemporaryDirectory() + "provider-double-\(UUID().uuidString).jsonl"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let double = try ProviderDouble(DoubleState(DoubleSettings(), at: Cloud.start), logFile: path)
        _ = await double.respond(to: self.request("/v2/personas"))
        _ = await double.respond(to: self.request("/v2/replicas"))
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let entries = try lines.map { try JSONValue(parsing: String($0)) }
        #expect(entries.map { $0["path"] } == ["/v2/personas", "/v2/replicas"])
        #expect(entries.allSatisfy { $0["headers"]?["x-api-key"] == "(masked, 1 bytes)" })
    }

    @Test func `a log that cannot be written is said at once`() {
        #expect(throws: ProviderDoubleError.self) {
            try ProviderDouble(DoubleState(DoubleSettings(), at: Cloud.start), logFile: "/nowhere/log")
        }
    }
}
