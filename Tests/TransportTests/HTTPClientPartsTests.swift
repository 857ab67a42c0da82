import Testing

@testable import Transport

@Suite struct HTTPClientPartsTests {
    // MARK: URLs

    @Test(arguments: [
        ("http://example.com", "http", "example.com", 80),
        ("HTTPS://Example.COM:8443/v1?q=1#top", "https", "example.com", 8443),
        ("http://[::1]:9/x", "http", "::1", 9), ("https://127.0.0.1/", "https", "127.0.0.1", 443),
    ])
    func `a URL is taken apart`(text: String, scheme: String, host: String, port: Int) throws {
        let url = try HTTPURL(text)
        #expect((url.scheme, url.host, url.port) == (scheme, host, port))
        #expect(!url.text.contains("#"))
    }

    @Test(arguments: [
        "", "example.com", "ftp://example.com/", "file:///etc/passwd", "gopher://x/", "http://", "http://a b/",
        "http://a:0/",
        "http://a:99999/", "http://user:secret@host/", "http://ü.example/", "http://a/\r\nX: y",
    ])
    func `what is no URL to dial is refused, and not quoted`(text: String) {
        #expect { try HTTPURL(text) } throws: { error in
            guard let error = error as? HTTPClientError else { return false }
            return error.code == .invalidRequest && !error.message.contains("secret")
        }
    }

    // MARK: Redirects

    private func next(
        _ request: HTTPClientRequest, _ status: Int, _ location: String?
    ) throws -> (request: HTTPClientRequest, url: HTTPURL)? {
        try Redirect.next(after: request, at: try HTTPURL(request.url), status: status, location: location)
    }

    private let post = HTTPClientRequest(
        "https://a.example/v1/x?key=1", method: "POST",
        headers: [("Authorization", "Bearer k"), ("api-key", "k"), ("Accept", "*/*"), ("Content-Type", "text/plain")],
        body: .bytes([1]))

    @Test func `to the same origin everything goes along`() throws {
        let next = try #require(try self.next(self.post, 307, "../y"))
        #expect(next.url.text == "https://a.example/y")
        #expect(next.request.method == "POST" && next.request.body == .bytes([1]))
        #expect(next.request.headers.map(\.0) == ["Authorization", "api-key", "Accept", "Content-Type"])
    }

    @Test(arguments: ["https://b.example/", "https://a.example:444/", "//b.example/y"])
    func `to another origin goes nothing that tells who asks`(location: String) throws {
        let next = try #require(try self.next(self.post, 308, location))
        #expect(next.request.headers.map(\.0) == ["Accept", "Content-Type"])
    }

    @Test(arguments: [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
    func `a form is sent again only where the status says so`(status: Int, method: String) throws {
        let next = try #require(try self.next(self.post, status, "/y"))
        #expect(next.request.method == method)
        #expect((next.request.body == .none) == (method == "GET"))
    }

    @Test(arguments: [
        "http://a.example/", "file:///etc/passwd", "ftp://a.example/", "https://me:pw@a.example/", "http://[",
    ])
    func `a redirect out of TLS or to what is no http is not followed`(location: String) {
        #expect(throws: HTTPClientError.self) { try self.next(self.post, 302, location) }
    }

    @Test func `an answer without a place, or of another status, is no redirect`() throws {
        #expect(try self.next(self.post, 302, nil) == nil)
        #expect(try self.next(self.post, 304, "/y") == nil)
        #expect(try self.next(self.post, 200, "/y") == nil)
    }

    // MARK: Requests

    @Test(arguments: [("", "x"), ("a b", "x"), ("a", "x\r\nEvil: 1"), ("a", "x\0"), ("a:", "x")])
    func `a header that could become two is refused`(name: String, value: String) {
        let request = HTTPClientRequest("http://a/", headers: [(name, value)])
        #expect(throws: HTTPClientError.self) { try request.check() }
    }

    @Test(arguments: ["", "GET /", "G\r\n"])
    func `a method is a token`(method: String) {
        #expect(throws: HTTPClientError.self) { try HTTPClientRequest("http://a/", method: method).check() }
    }

    @Test func `a form is written as browsers write it`() {
        var form = MultipartForm(boundary: "B")
        form.add("model", "whisper")
        form.add("fi\"le\r\n", file: "a\"\n.wav", type: "audio/wav\r\nX: y", content: [0, 255])
        let text =
            "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"fi%22le%0D%0A\"; filename=\"a%22%0A.wav\"\r\n"
            + "Content-Type: audio/wavX: y\r\n\r\n"
        #expect(form.encoded == Array(text.utf8) + [0, 255] + Array("\r\n--B--\r\n".utf8))
        #expect(MultipartForm().boundary != MultipartForm().boundary)
    }

    // MARK: Heads

    private func read(_ lines: [String], limit: Int = 4_096) -> [ResponseHeadReader.Verdict] {
        var reader = ResponseHeadReader(limit: limit)
        return lines.map { line in Array(line.utf8).withUnsafeBytes { reader.take($0) } }
    }

    @Test func `interim answers announce the real one, and trailers are none of it`() {
        let verdicts = self.read([
            "HTTP/1.1 100 Continue\r\n", "X-Early: 1\r\n", "\r\n", "HTTP/1.1 201 Made\r\n", "A: b\r\n", "a:  c \r\n",
            "no field\r\n", "\r\n", "Trailer: x\r\n", "\r\n",
        ])
        let head = ResponseHeadReader.Head(status: 201, headers: HTTPHeaders([("A", "b"), ("a", "c")]))
        #expect(verdicts.filter { $0 != .more } == [.whole(head)])
    }

    @Test func `fields without end are too large, those of interim answers too`() {
        let flood = Array(repeating: ["HTTP/1.1 103 Early\r\n", "X: yyyyyyyyyy\r\n", "\r\n"], count: 20).flatMap(\.self)
        #expect(self.read(flood, limit: 256).last == .tooLarge)
    }

    // MARK: Turns

    @Test func `each host has its own turns, first come first served`() {
        var admission = Admission(limit: 2)
        let first = [1, 2, 3, 4].map { admission.arrive($0, at: "a") }
        #expect(first == [true, true, false, false])
        let other = admission.arrive(5, at: "b")
        #expect(other)
        // Who waits leaves without making room.
        let next = [3, 1, 1, 4].map { admission.leave($0, from: "a") }
        #expect(next == [nil, 4, nil, nil])
        _ = admission.leave(2, from: "a")
        _ = admission.leave(5, from: "b")
        #expect(admission == Admission(limit: 2), "nothing is kept of what is over")
    }

    // MARK: Between thread and reader

    private func came(_ count: Int, _ state: inout ExchangeState) -> ExchangeState.Verdict {
        Array(repeating: UInt8(1), count: count).withUnsafeBytes { state.bytesCame($0) }
    }

    @Test func `a reader that is behind holds the peer up`() {
        var state = ExchangeState(maxBytes: 100, maxBuffered: 10)
        // One piece is always taken, and the peer is told once.
        let first = [self.came(30, &state), self.came(1, &state)]
        let room = [state.nextBytes().hasRoom, state.nextBytes().hasRoom]
        #expect(first == [.taken, .full] && room == [true, false])
        let then = self.came(1, &state)
        #expect(then == .taken)
    }

    @Test func `what came before the connection broke is read first`() {
        var state = ExchangeState(maxBytes: 100, maxBuffered: 10)
        _ = self.came(3, &state)
        state.finish(HTTPClientError(.connectionLost, "x"))
        state.finish(nil)
        guard case .value([1, 1, 1]) = state.nextBytes().step else { return #expect(Bool(false)) }
        guard case .ended(let error?) = state.nextBytes().step else { return #expect(Bool(false)) }
        #expect(error.code == .connectionLost)
    }

    @Test func `an answer beyond its limit is given up`() {
        var state = ExchangeState(maxBytes: 100, maxBuffered: 1_000)
        let verdicts = [self.came(100, &state), self.came(1, &state)]
        #expect(verdicts == [.taken, .over])
        guard case .ended(let error?) = state.nextBytes().step else { return #expect(Bool(false)) }
        #expect(error.code == .tooLarge)
    }

    // MARK: Figures

    @Test func `hosts beyond the first few share a label`() {
        let metrics = HTTPClientMetrics(.init())
        let labels = (0..<100).map { metrics.label("host\($0)") }
        #expect(Set(labels).count == 17)
        #expect(metrics.label("host3") == "host3")
    }
}
