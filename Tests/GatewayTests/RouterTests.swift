import Testing

@testable import Gateway

@Suite struct RouterTests {
    private static let router = {
        var router = Router<String>()
        router.add("GET", "/api/personas", "list")
        router.add("GET", "/api/personas/{id}", "one")
        router.add("DELETE", "/api/personas/{id}", "delete")
        router.add("POST", "/api/personas/reload", "reload")
        router.add("GET", "/api/personas/{id}/compiled", "compiled")
        return router
    }()

    private func describe(_ method: String, _ path: String) -> String {
        switch Self.router.match(method, path) {
        case .found(let handler, let parameters): "\(handler) \(parameters["id"] ?? "-")"
        case .notAllowed(let methods): "405 \(methods.joined(separator: ","))"
        case .notFound: "404"
        }
    }

    @Test func `a template captures its parameters`() {
        #expect(self.describe("GET", "/api/personas/tina") == "one tina")
        #expect(self.describe("GET", "/api/personas/tina/compiled") == "compiled tina")
    }

    @Test func `a literal segment outranks a parameter`() {
        #expect(self.describe("POST", "/api/personas/reload") == "reload -")
    }

    @Test func `HEAD finds what GET finds`() {
        #expect(self.describe("HEAD", "/api/personas") == "list -")
    }

    @Test func `a known path with another method names the methods it has`() {
        #expect(self.describe("PATCH", "/api/personas/tina") == "405 DELETE,GET,HEAD")
        #expect(self.describe("GET", "/api/personas/reload") == "405 POST")
    }

    @Test(arguments: [
        "/", "", "api/personas", "/api/personas/", "/api//personas", "/api/personas/a/b", "/API/personas",
    ])
    func `another path is not found`(path: String) {
        #expect(self.describe("GET", path) == "404")
    }

    @Test func `a parameter is percent-decoded exactly once`() {
        #expect(self.describe("GET", "/api/personas/a%2Fb") == "one a/b")
        #expect(self.describe("GET", "/api/personas/%2541") == "one %41")
        #expect(self.describe("GET", "/api/personas/%E0%A4%9F") == "one ट")
    }

    @Test(arguments: ["%", "%4", "%zz", "%+1", "%FF", "%C0%AF", "%ED%A0%80"])
    func `a segment that decodes to no text matches nothing`(segment: String) {
        #expect(self.describe("GET", "/api/personas/\(segment)") == "404")
    }

    @Test func `dots are names and walk nowhere`() {
        #expect(self.describe("GET", "/api/personas/../personas") == "404")
        #expect(self.describe("GET", "/api/personas/..") == "one ..")
    }
}
