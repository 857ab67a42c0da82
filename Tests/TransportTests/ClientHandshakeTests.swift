import Testing

@testable import Transport

struct ResponseHeadParserTests {
    private func parse(_ text: String, size: Int = .max) throws -> (ResponseHead, rest: [UInt8])? {
        var parser = ResponseHeadParser()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            if let head = try part.withUnsafeBytes({ try parser.take($0) }) { return (head, parser.rest + rest) }
        }
        return nil
    }

    @Test(arguments: [1, 2, 5, 1_000]) func `an answer is the same however it is cut`(size: Int) throws {
        let parsed = try self.parse("HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nX:\r\n\r\n\u{1}\u{2}", size: size)
        let (head, rest) = try #require(parsed)
        #expect(head.status == 101)
        #expect(head.isVersion11)
        #expect(head.headers == ["Upgrade": "websocket", "X": ""])
        #expect(rest == [1, 2])
    }

    @Test(arguments: [1, 1_000]) func `what only announces the answer is passed over`(size: Int) throws {
        let text =
            "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100\r\n\r\nHTTP/1.0 503 Busy\r\nretry-after: 3\r\n\r\n"
        let (head, rest) = try #require(try self.parse(text, size: size))
        #expect(head.status == 503)
        #expect(!head.isVersion11)
        #expect(head.headers == ["retry-after": "3"])
        #expect(rest.isEmpty)
    }

    @Test(arguments: ["", "H", "HTTP/1.1 101 Yes\r\n", "HTTP/1.1 101 Yes\r\nupgrade: websocket\r\n\r"])
    func `a truncated head waits`(text: String) throws {
        #expect(try self.parse(text) == nil)
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "\u{15}\u{3}\u{1}", "\r\n", "HTTP/2 101\r\n\r\n", "HTTP/1.2 101 Yes\r\n\r\n",
        "HTTP/1.1\r\n\r\n", "HTTP/1.1 \r\n\r\n", "HTTP/1.1 10\r\n\r\n", "HTTP/1.1 1011 \r\n\r\n",
        "HTTP/1.1 099 \r\n\r\n", "HTTP/1.1 1x1 \r\n\r\n", "HTTP/1.1  101 Yes\r\n\r\n", "HTTP/1.1 -10 Yes\r\n\r\n",
        "HTTP/1.1 101 Yes\r\nupgrade: websocket\r\n folded\r\n\r\n", "HTTP/1.1 101 Yes\r\nupgrade : websocket\r\n\r\n",
        "HTTP/1.1 101 Yes\r\n: x\r\n\r\n", "HTTP/1.1 101 Yes\r\nno colon\r\n\r\n",
        "HTTP/1.1 101 Yes\r\na: \u{0}\r\n\r\n", "HTTP/1.1 101 Yes\r\na: b\nc: d\r\n\r\n",
    ]) func `what is no head of HTTP 1 is an error`(text: String) {
        let error = #expect(throws: HeadFault.self) { try self.parse(text) }
        guard case .malformed = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }

    @Test func `a head that is too long or has too many fields is an error, before it ends`() {
        let start = "HTTP/1.1 101 Yes\r\n"
        let long = start + "a: " + String(repeating: "b", count: ResponseHeadParser.maxBytes)
        #expect(throws: HeadFault.tooLarge(limit: ResponseHeadParser.maxBytes)) { try self.parse(long) }
        let many = start + String(repeating: "a: b\r\n", count: 101) + "\r\n"
        #expect(throws: HeadFault.tooManyFields(limit: 100)) { try self.parse(many) }
    }
}

struct ClientHandshakeTests {
    // The key of RFC 6455 section 1.2.
    private static let nonce = Array("the sample nonce".utf8)
    private static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    private func handshake(subprotocols: [String] = []) throws -> ClientHandshake {
        let target = try WebSocketTarget(
            url: "wss://[::1]:8443/a?b=c", headers: [("X-A", "b")], subprotocols: subprotocols)
        return ClientHandshake(target, nonce: Self.nonce)
    }

    private func error(
        status: String = "HTTP/1.1 101 Yes", _ changes: [String: String?] = [:], subprotocols: [String] = []
    ) throws -> TransportError? {
        var fields: [String: String?] = [
            "Upgrade": "WebSocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Accept": Self.accept,
        ]
        for (name, value) in changes { fields[name] = value }
        let lines = fields.compactMap { name, value in value.map { "\r\n\(name): \($0)" } }
        do throws(TransportError) {
            let head = try? ResponseHead(Array("\(status)\(lines.joined())".utf8)[...])
            guard let head, let handshake = try? self.handshake(subprotocols: subprotocols) else { return nil }
            try handshake.check(head)
            return nil
        } catch {
            return error
        }
    }

    @Test func `the request is what RFC 6455 asks for, with the target's own headers`() throws {
        let text = String(decoding: try self.handshake(subprotocols: ["a", "b"]).request, as: UTF8.self)
        #expect(
            text == "GET /a?b=c HTTP/1.1\r\nHost: [::1]:8443\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Sec-WebSocket-Protocol: a, b\r\nX-A: b\r\n\r\n")
    }

    @Test func `no two requests have the same key`() throws {
        let target = try WebSocketTarget(url: "ws://h")
        #expect(ClientHandshake(target).request != ClientHandshake(target).request)
    }

    @Test func `a right answer opens, with or without a subprotocol that was offered`() throws {
        #expect(try self.error() == nil)
        #expect(try self.error(subprotocols: ["a", "b"]) == nil)
        #expect(try self.error(["Sec-WebSocket-Protocol": "b"], subprotocols: ["a", "b"]) == nil)
    }

    @Test(
        arguments: [
            ["Upgrade": nil], ["Upgrade": "h2c"], ["Upgrade": "websocket, h2c"], ["Connection": nil],
            ["Connection": "close"], ["Sec-WebSocket-Accept": nil], ["Sec-WebSocket-Accept": ""],
            ["Sec-WebSocket-Accept": "S3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
            ["Sec-WebSocket-Extensions": "permessage-deflate"], ["Sec-WebSocket-Protocol": "c"],
            ["Sec-WebSocket-Protocol": "a, b"], ["Sec-WebSocket-Protocol": ""], ["sec-websocket-protocol": "A"],
            ["sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
        ] as [[String: String?]]) func `an answer that is not right fails the handshake`(changes: [String: String?])
        throws
    {
        #expect(try self.error(changes, subprotocols: ["a", "b"])?.code == .handshake)
    }

    @Test func `101 of HTTP 1.0 is no handshake`() throws {
        #expect(try self.error(status: "HTTP/1.0 101 Yes")?.code == .handshake)
    }

    @Test(arguments: [(200, false), (301, false), (401, false), (429, true), (500, true), (503, true)])
    func `another status is a refusal`(status: Int, isRetriable: Bool) throws {
        for version in ["1.0", "1.1"] {
            let error = try self.error(status: "HTTP/\(version) \(status) No", ["Retry-After": "9"])
            #expect(error?.code == .upgradeRefused)
            #expect(error?.httpStatus == status)
            #expect(error?.retryAfterSeconds == 9)
            #expect(error?.isRetriable == isRetriable)
        }
        let dated = try self.error(status: "HTTP/1.1 503 No", ["Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"])
        #expect(dated?.code == .upgradeRefused && dated?.retryAfterSeconds == nil)
    }
}
