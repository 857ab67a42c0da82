import Testing

@testable import Transport

struct RequestHeadParserTests {
    private func parse(_ text: String, size: Int = .max) throws -> (RequestHeadParser.Head?, rest: [UInt8]) {
        var parser = RequestHeadParser(maxBytes: 1_000)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            if let head = try part.withUnsafeBytes({ try parser.take($0) }) { return (head, parser.rest + rest) }
        }
        return (nil, [])
    }

    private func status(_ text: String) -> Int? {
        do {
            _ = try self.parse(text)
            return nil
        } catch {
            return (error as? HTTPRefusal)?.status
        }
    }

    @Test(arguments: [1, 2, 5, 1_000]) func `a head is the same however it is cut`(size: Int) throws {
        let text = "POST /a%20b?x=1&y=%C3%A9+z&n HTTP/1.1\r\nHost: h\r\nX-A:  b c \r\nContent-Length: 3\r\n\r\nabc"
        let (parsed, rest) = try self.parse(text, size: size)
        let head = try #require(parsed)
        #expect(head.head.method == "POST")
        #expect(head.head.path == "/a%20b")
        #expect(head.head.query.elementsEqual([("x", "1"), ("y", "é z"), ("n", "")], by: ==))
        #expect(head.head.headers["x-a"] == "b c")
        #expect(head.body == .length(3))
        #expect(rest == Array("abc".utf8))
    }

    @Test func `an incomplete head waits`() throws {
        #expect(try self.parse("GET / HTTP/1.1\r\nhost: x\r\n").0 == nil)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\nhost: x\n\r\n\r\n", "GET  / HTTP/1.1\r\nhost: x\r\n\r\n", "GET /\r\nhost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nhost : x\r\n\r\n", "GET / HTTP/1.1\r\nhost: x\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: x\r\na: \u{0}\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n", "G@T / HTTP/1.1\r\nhost: x\r\n\r\n",
        "GET relative HTTP/1.1\r\nhost: x\r\n\r\n", "GET /\u{E9} HTTP/1.1\r\nhost: x\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: +1\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9223372036854775808\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length:\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    ]) func `what can be read in two ways is refused`(text: String) {
        #expect(self.status(text) == 400)
    }

    @Test func `versions and encodings that are not spoken are named`() {
        #expect(self.status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == 505)
        #expect(self.status("GET / HTTP/1.2\r\nhost: x\r\n\r\n") == 505)
        #expect(self.status("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n") == 501)
        #expect(self.status("POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n") == 501)
    }

    @Test func `a head too large or of too many fields is refused`() {
        #expect(self.status("GET / HTTP/1.1\r\nhost: x\r\na: " + String(repeating: "b", count: 2_000)) == 431)
        #expect(self.status("GET / HTTP/1.1\r\n" + String(repeating: "a:b\r\n", count: 101) + "\r\n") == 431)
    }

    @Test func `a whole URL as the target is a path`() throws {
        let head = try #require(try self.parse("GET http://a.b:1/p?q=1 HTTP/1.1\r\nhost: x\r\n\r\n").0?.head)
        #expect(head.path == "/p")
        #expect(head.queryValue("q") == "1")
    }

    @Test func `subprotocols are listed in the client's order over several fields`() throws {
        let text =
            "GET / HTTP/1.1\r\nhost: x\r\nSec-WebSocket-Protocol: vaani.v1, token.a\r\nsec-websocket-protocol: z\r\n\r\n"
        #expect(try self.parse(text).0?.head.subprotocols == ["vaani.v1", "token.a", "z"])
    }
}

struct BodyReaderTests {
    private func read(_ framing: BodyFraming, _ text: String, limit: Int = 100, size: Int = .max) throws -> (
        String?, Int
    ) {
        var reader = try BodyReader(framing, limit: limit)
        var used = 0
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty, !reader.isComplete {
            let part = Array(rest.prefix(size))
            let count = try part.withUnsafeBytes { try reader.take($0) }
            used += count
            rest = rest.dropFirst(count)
        }
        return (reader.isComplete ? String(decoding: reader.body, as: UTF8.self) : nil, used)
    }

    @Test(arguments: [1, 3, 1_000]) func `chunks are joined however they are cut`(size: Int) throws {
        let text = "5;a=b\r\nhello\r\n1\r\n \r\n05\r\nworld\r\n0\r\nx: y\r\n\r\nGET"
        let (body, used) = try self.read(.chunked, text, size: size)
        #expect(body == "hello world")
        #expect(used == text.utf8.count - 3)
    }

    @Test func `a length ends the body and leaves the rest`() throws {
        #expect(try self.read(.length(3), "abcdef") == ("abc", 3))
    }

    @Test(arguments: [
        "x\r\n", "\r\n", "-1\r\n", "5\nhello", "1\r\nab\r\n", "FFFFFFFFFFFFFFFFF\r\n", "0x5\r\nhello\r\n",
        String(repeating: "1", count: 2_000),
    ]) func `chunks that are not well-formed are refused`(text: String) {
        #expect(throws: HTTPRefusal.self) { try self.read(.chunked, text) }
    }

    @Test func `a body over the limit is refused before it is read`() {
        #expect(throws: HTTPRefusal(status: 413, code: "body_too_large", message: "the body exceeds 100 bytes")) {
            try self.read(.length(101), "")
        }
        #expect(throws: HTTPRefusal(status: 413, code: "body_too_large", message: "the body exceeds 100 bytes")) {
            try self.read(.chunked, "64\r\n" + String(repeating: "a", count: 100) + "\r\n1\r\n")
        }
    }

    @Test func `an endless trailer is refused`() {
        #expect(throws: HTTPRefusal.self) {
            try self.read(.chunked, "0\r\n" + String(repeating: "a: b\r\n", count: 100))
        }
    }
}
