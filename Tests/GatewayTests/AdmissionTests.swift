import Testing

@testable import Gateway

@Suite struct UserIDTests {
    @Test(arguments: ["a", "user-123", "A.b_c:d@e-9", String(repeating: "x", count: 128)])
    func `a plain name is a user id`(text: String) {
        #expect(UserID(text)?.rawValue == text)
    }

    @Test(
        arguments: [
            "", " ", "a b", "a/b", "../x", "a\0b", "a\nb", "é", "टीना", "%41", "a?b", String(repeating: "x", count: 129),
        ])
    func `anything else is none`(text: String) {
        #expect(UserID(text) == nil)
    }
}

@Suite struct OriginPolicyTests {
    private func judge(
        _ origin: String..., host: String = "localhost:8000", allow: [String] = ["https://app.example.com"],
        requiresLoopbackHost: Bool = true
    ) throws -> OriginPolicy.Verdict {
        try OriginPolicy(origins: allow, requiresLoopbackHost: requiresLoopbackHost)
            .judge(origins: origin, hosts: [host])
    }

    @Test func `a program that sends no origin is let in`() throws {
        #expect(try self.judge() == .allowed)
    }

    @Test(arguments: ["https://app.example.com", "https://APP.example.com", "https://app.example.com:443"])
    func `a listed origin is let in, however it is spelled`(origin: String) throws {
        #expect(try self.judge(origin) == .allowed)
    }

    @Test(
        arguments: [
            "null", "", "https://evil.example", "http://app.example.com", "https://app.example.com:8443",
            "https://app.example.com.evil.example", "https://evil.example/app.example.com", "https://app.example.com/",
            "https://app.example.com@evil.example", "file://", "https://app.example.com.",
        ])
    func `an origin that only looks like a listed one is refused`(origin: String) throws {
        #expect(try self.judge(origin) == .refused)
    }

    @Test func `two origins in one request are refused`() throws {
        #expect(try self.judge("https://app.example.com", "https://app.example.com") == .refused)
    }

    @Test func `a page of this server itself is let in`() throws {
        #expect(try self.judge("http://localhost:8000") == .allowed)
        #expect(try self.judge("http://127.0.0.1:8000", host: "127.0.0.1:8000") == .allowed)
        #expect(try self.judge("http://[::1]:8000", host: "[::1]:8000") == .allowed)
    }

    @Test func `another port of the same host is another origin`() throws {
        #expect(try self.judge("http://localhost:3000") == .refused)
    }

    @Test func `a foreign name made to point here is refused while nobody proves who they are`() throws {
        #expect(try self.judge("http://evil.example:8000", host: "evil.example:8000") == .refused)
        #expect(
            try self.judge("http://voice.example:8000", host: "voice.example:8000", requiresLoopbackHost: false)
                == .allowed)
    }

    @Test(arguments: ["*", "app.example.com", "https://", "https://a b", "https://a:99999", "ftp://a", "https://a/b"])
    func `an allow-list with something else than an origin is refused`(text: String) {
        #expect(throws: OriginPolicy.InvalidOrigin.self) {
            try OriginPolicy(origins: [text], requiresLoopbackHost: true)
        }
    }
}

@Suite struct LoopbackTests {
    @Test(arguments: ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1"])
    func `these mean this machine`(host: String) {
        #expect(Loopback.isLoopback(host))
    }

    @Test(arguments: ["", "0.0.0.0", "::", "127.0.0.1.evil.example", "127.1", "localhost.evil.example", "10.0.0.1"])
    func `these may be somewhere else`(host: String) {
        #expect(!Loopback.isLoopback(host))
    }
}

@Suite struct ClientAddressTests {
    @Test func `what a stranger says about itself is not believed`() {
        let address = ClientAddress(peer: "203.0.113.9", forwarded: ["10.0.0.1"], trusted: ["127.0.0.1"])
        #expect(address.text == "203.0.113.9")
        #expect(!address.isLocal)
    }

    @Test func `a trusted proxy is believed as far as it wrote`() {
        let forwarded = ["1.1.1.1", "198.51.100.7", "10.0.0.2"]
        let address = ClientAddress(peer: "127.0.0.1", forwarded: forwarded, trusted: ["127.0.0.1", "10.0.0.2"])
        #expect(address.text == "198.51.100.7")
        #expect(!address.isLocal)
    }

    @Test func `a program on this machine is local unless it forwards for someone`() {
        #expect(ClientAddress(peer: "127.0.0.1", forwarded: [], trusted: []).isLocal)
        #expect(!ClientAddress(peer: "127.0.0.1", forwarded: ["198.51.100.7"], trusted: []).isLocal)
    }
}

@Suite struct LimiterTests {
    @Test func `a bucket gives its burst, then its rate`() {
        var bucket = TokenBucket(rate: 2, burst: 3)
        #expect((0..<5).map { _ in bucket.take(at: 100) } == [true, true, true, false, false])
        #expect(bucket.take(at: 100.4) == false)
        #expect(bucket.take(at: 100.5) == true)
        #expect(bucket.take(at: 100.6) == false)
    }

    @Test func `a steady rate is never refused`() {
        var bucket = TokenBucket(rate: 50, burst: 1)
        #expect((0..<10_000).allSatisfy { bucket.take(at: Double($0) / 50) })
    }

    @Test func `handshakes of one address are limited, and it is told when to come back`() {
        var limiter = HandshakeLimiter(limit: 10)
        #expect((0..<10).allSatisfy { _ in limiter.take("a", at: 0) == nil })
        let waits = [limiter.take("a", at: 0), limiter.take("b", at: 0), limiter.take("a", at: 1)]
        #expect(waits.map { $0.map { ($0 * 1_000).rounded() } } == [1_000, nil, nil])
    }

    @Test func `a limit of nought is none`() {
        var limiter = HandshakeLimiter(limit: 0)
        #expect((0..<1_000).allSatisfy { _ in limiter.take("a", at: 0) == nil })
    }

    @Test func `more addresses than fit are forgotten, not refused`() {
        var limiter = HandshakeLimiter(limit: 1)
        for number in 0..<(HandshakeLimiter.capacity + 10) {
            #expect(limiter.take("address \(number)", at: 0) == nil)
        }
    }
}

@Suite struct SubprotocolTests {
    @Test func `a token offered as a subprotocol is never granted`() {
        #expect(SubprotocolChoice.grant(["vaani.v1", "token.abc"]) == "vaani.v1")
        #expect(SubprotocolChoice.grant(["token.abc", "vaani.v1"]) == "vaani.v1")
        #expect(SubprotocolChoice.grant(["token.abc"]) == nil)
        #expect(SubprotocolChoice.grant(["chat"]) == nil)
    }
}
