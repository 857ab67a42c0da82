import ClientProtocol
import Gateway
import Testing
import Transport

@testable import Console

@Suite struct TalkPageTests {
    private func ask(_ file: WebFile, headers: HTTPHeaders = ["host": "127.0.0.1:8000"]) -> HTTPResponse {
        let head = HTTPRequestHead(method: "GET", path: "/", headers: headers)
        return file.response(to: RouteRequest(head: head, body: [], parameters: [:], id: RequestID()))
    }

    private func policy(host: String?) -> String {
        HTTPHeaders(ContentPolicy(host: host).headers)["content-security-policy"] ?? ""
    }

    // MARK: The policy

    @Test func `nothing runs that is not a file of this server`() {
        let policy = self.policy(host: "talk.example:8443")
        #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';"))
        #expect(policy.contains("connect-src 'self' ws://talk.example:8443 wss://talk.example:8443;"))
        #expect(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"))
        #expect(!policy.contains("unsafe") && !policy.contains("data:") && !policy.contains("blob:"))
    }

    @Test(arguments: [
        "a; script-src *", "a'b", "a b", "a,b", "", ":80", "host:", "host:80:90", "host:8o", "[::1]:8000", "ä.example",
        "evil.example\r\nx: y", "*", "*.example",
    ])
    func `a host that is no plain name does not get into the policy`(host: String) {
        #expect(self.policy(host: host) == self.policy(host: nil))
        #expect(self.policy(host: nil).contains("connect-src 'self'; "))
    }

    // MARK: Files

    @Test(arguments: WebFile.assets.map(\.name))
    func `each file has the type of its name and words in it`(name: String) throws {
        let file = try #require(WebFile.assets.first { $0.name == name })
        let types = ["js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"]
        let answer = self.ask(file)
        let headers = HTTPHeaders(answer.headers)
        #expect(answer.status == 200 && headers["content-type"] == types[String(name.split(separator: ".")[1])])
        #expect(headers["cache-control"] == "no-cache" && headers["content-security-policy"] != nil)
        #expect(String(validating: file.bytes, as: UTF8.self)?.contains("\n") == true)
    }

    @Test func `every file that another one names is served, and nothing comes from outside`() throws {
        let served = Set(WebFile.assets.map(\.name))
        for file in WebFile.assets + [WebFile.page, WebFile.console] {
            let text = String(decoding: file.bytes, as: UTF8.self)
            for match in text.matches(of: /(?:from "\.\/|\/assets\/)([\w.-]+)"/) {
                #expect(served.contains(String(match.1)), "\(file.name) names \(match.1)")
            }
            let outside = text.replacing("http://www.w3.org/2000/svg", with: "").matches(
                of: /(?:https?:)?\/\/[\w-]+\.\w/)
            #expect(outside.isEmpty, "\(file.name)")
        }
    }

    @Test(arguments: [WebFile.page, WebFile.console])
    func `a page has no script or style of its own`(page: WebFile) {
        let text = String(decoding: page.bytes, as: UTF8.self)
        #expect(text.matches(of: /<style|\sstyle=|\son\w+=|javascript:/).isEmpty)
        #expect(text.matches(of: /<script[^>]*>/).allSatisfy { $0.0.contains("src=\"/assets/") })
    }

    @Test func `all modules are fetched at once, not one after the other`() {
        let text = String(decoding: WebFile.page.bytes, as: UTF8.self)
        let others: Set = ["main.js", "console.js", "metrics.js", "resampler.js"]
        for file in WebFile.assets where file.name.hasSuffix(".js") && !file.name.contains("worklet") {
            let isPreloaded = text.contains("modulepreload\" href=\"/assets/\(file.name)\"")
            #expect(isPreloaded != others.contains(file.name), "\(file.name)")
        }
    }

    // MARK: Words

    /// The names of a language's words.
    private func names(_ file: String) throws -> Set<String> {
        let words = try #require(WebFile.assets.first { $0.name == file })
        let text = String(decoding: words.bytes, as: UTF8.self)
        return Set(text.matches(of: /(?m)^ {4}"?([\w.]+)"?: "/).map { String($0.1) })
    }

    @Test func `both languages have every word`() throws {
        let english = try self.names("english.js")
        #expect(english.count > 100)
        #expect(try self.names("hindi.js") == english)
    }

    @Test func `every error and every close has words for a person`() throws {
        let names = try self.names("english.js")
        for code in ErrorCode.allCases { #expect(names.contains("error.\(code.rawValue)")) }
        for code in CloseCode.allCases { #expect(names.contains("close.\(code.rawValue)")) }
    }

    @Test func `every word that the page asks for is there`() throws {
        let names = try self.names("english.js")
        for file in WebFile.assets + [WebFile.page] {
            let text = String(decoding: file.bytes, as: UTF8.self)
            for match in text.matches(of: /(?:data-(?:text|placeholder)=|\bsay\()"([\w.]+)"/) {
                #expect(names.contains(String(match.1)), "\(file.name)")
            }
        }
    }

    // MARK: Caching

    @Test func `a browser that has the file already is told so`() throws {
        let tag = try #require(HTTPHeaders(self.ask(WebFile.page).headers)["etag"])
        for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let answer = self.ask(WebFile.page, headers: ["if-none-match": known])
            #expect(answer.status == 304 && HTTPHeaders(answer.headers)["etag"] == tag)
        }
        #expect(self.ask(WebFile.page, headers: ["if-none-match": "\"other\""]).status == 200)
    }

    @Test func `no two files have the same tag`() {
        #expect(Set(WebFile.assets.map(\.entityTag)).count == WebFile.assets.count)
    }

    // MARK: Routes

    @Test func `everybody may load the page, and an old link leads to it`() async throws {
        #expect(TalkPage.routes.allSatisfy { if case .everyone = $0.access { $0.method == "GET" } else { false } })
        let link = try #require(TalkPage.routes.first { $0.template == "/voice_realtime" })
        let head = HTTPRequestHead(method: "GET", path: "/voice_realtime")
        let answer = try await link.handle(RouteRequest(head: head, body: [], parameters: [:], id: RequestID()))
        #expect(answer.status == 307 && HTTPHeaders(answer.headers)["location"] == "/")
    }
}
