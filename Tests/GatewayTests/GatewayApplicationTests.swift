import JSON
import Testing
import Transport

@testable import Gateway

@Suite struct GatewayApplicationTests {
    // MARK: Refusals at the upgrade

    @Test(arguments: [
        ("/ws-mobile/", 400, "bad_user_id"), ("/ws/a%2Fb", 400, "bad_user_id"), ("/ws/%00", 400, "bad_user_id"),
        ("/ws-mobile/a/b", 400, "bad_user_id"), ("/ws-mobile/%zz", 400, "bad_user_id"),
        ("/ws-mobile/../admin", 400, "bad_user_id"), ("/ws-mobile", 404, "not_found"), ("/nowhere/u", 404, "not_found"),
    ])
    func `a bad path or user is refused with a status and a code`(path: String, status: Int, code: String) async throws
    {
        try await GatewayHarness.run { gateway in
            let answer = try #require(gateway.refusal(path))
            #expect(answer.status == status)
            #expect(answer.json["code"]?.string == code)
            #expect(answer.json["message"] == answer.json["error"] && answer.json["request_id"]?.string != nil)
        }
    }

    @Test(arguments: ["/ws-mobile/user-1", "/ws/a%40b.example", "/ws-mobile/u?x"])
    func `a good user is let in`(path: String) async throws {
        try await GatewayHarness.run { gateway in
            #expect(gateway.refusal(String(path.prefix { $0 != "?" })) == nil)
        }
    }

    @Test func `a page of another origin is told which setting decides`() async throws {
        try await GatewayHarness.run { gateway in
            let headers: HTTPHeaders = ["host": "127.0.0.1:8000", "origin": "https://evil.example"]
            let answer = try #require(gateway.refusal("/ws/u", headers: headers))
            #expect(answer.status == 403)
            #expect(answer.text.contains("origins"))
            #expect(gateway.metrics.prometheusText().contains(#"refused_total{code="origin_not_allowed"} 1"#))
        }
    }

    @Test func `too many handshakes from one address behind a proxy are told when to come back`() async throws {
        try await GatewayHarness.run {
            $0.maxHandshakes = 2
            $0.trustedProxies = ["127.0.0.1"]
        } _: { gateway in
            let headers: HTTPHeaders = ["host": "127.0.0.1:8000", "x-forwarded-for": "203.0.113.7"]
            #expect(gateway.refusal("/ws/u", headers: headers) == nil)
            #expect(gateway.refusal("/ws/u", headers: headers) == nil)
            let answer = try #require(gateway.refusal("/ws/u", headers: headers))
            #expect(answer.status == 429 && answer.headers["retry-after"] == "5")
            #expect(gateway.refusal("/ws/u") == nil)
        }
    }

    @Test func `a draining server refuses newcomers and is not ready`() async throws {
        try await GatewayHarness.run { gateway in
            gateway.registry.drain(by: .now)
            let answer = try #require(gateway.refusal("/ws/u"))
            #expect(answer.status == 503 && answer.headers["retry-after"] != nil)
            let ready = await gateway.respond("GET", "/readyz")
            #expect(ready.status == 503 && ready.text.contains("draining"))
            #expect(await gateway.respond("GET", "/livez").status == 200)
        }
    }

    // MARK: Plain requests

    @Test func `health says what it must`() async throws {
        try await GatewayHarness.run { gateway in
            let health = await gateway.respond("GET", "/health")
            #expect(health.json == ["status": "healthy", "service": "vaani", "version": "1.2.3"])
            #expect(await gateway.respond("GET", "/readyz").status == 200)
            #expect(await gateway.respond("GET", "/metrics").text.contains("# TYPE"))
            let status = await gateway.respond("GET", "/api/status").json
            #expect(status["sessions"] == 0 && status["model"] == "double" && status["upstream"] == "embedded")
            #expect(await gateway.respond("GET", "/").text.contains("ws://127.0.0.1:8000/ws-mobile/"))
        }
    }

    @Test(arguments: [
        ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", true), ("application/json, Text/HTML;q=0.5", true),
        ("*/*", false), ("text/*", false), ("text/html;q=0", false), ("text/html; q=0.0", false), ("text/htmlx", false),
        ("", false),
    ])
    func `a browser gets the page at the root and everybody else a text`(accept: String, isPage: Bool) async throws {
        try await GatewayHarness.run { gateway in
            let headers: HTTPHeaders = ["host": "127.0.0.1:8000", "accept": accept]
            let answer = await gateway.respond("GET", "/", headers: headers)
            #expect(answer.status == 200 && answer.text.hasPrefix("<html>") == isPage)
            #expect(answer.headers.all("cache-control") == [isPage ? "no-cache" : "no-store"])
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(await gateway.respond("HEAD", "/", headers: headers).status == 200)
        }
    }

    @Test func `without a persona, or with a fault, it is not ready and says why`() async throws {
        try await GatewayHarness.run(personas: 0, faults: ["the engine does not answer"]) { gateway in
            let reasons = await gateway.respond("GET", "/readyz").json["reasons"]
            #expect(reasons == ["the engine does not answer", "no persona is loaded"])
        }
    }

    @Test func `other requests get the status that fits`() async throws {
        try await GatewayHarness.run { gateway in
            #expect(await gateway.respond("GET", "/no/such/path").status == 404)
            let method = await gateway.respond("DELETE", "/livez")
            #expect(method.status == 405 && method.headers["allow"] == "GET, HEAD")
            let upgrade = await gateway.respond("GET", "/ws-mobile/u")
            #expect(upgrade.status == 426 && upgrade.headers["upgrade"] == "websocket")
            #expect(await gateway.respond("HEAD", "/health").status == 200)
        }
    }

    @Test func `a fault inside says nothing of itself and has a request id`() async throws {
        try await GatewayHarness.run { gateway in
            let answer = await gateway.respond("GET", "/fails")
            #expect(answer.status == 500 && !answer.text.contains("Fault"))
            #expect(answer.headers["x-request-id"] == answer.json["request_id"]?.string)
        }
    }

    @Test(arguments: [
        ("{", "application/json", 400), ("[]", "application/json", 400), ("{}", "text/html", 415),
        ("{}", "application/json; charset=utf-8", 200), ("{\"a\":1}", "application/merge-patch+json", 200),
    ])
    func `a body is judged by its type and its shape`(body: String, type: String, status: Int) async throws {
        try await GatewayHarness.run { gateway in
            let headers: HTTPHeaders = ["host": "127.0.0.1:8000", "content-type": type]
            #expect(await gateway.respond("POST", "/reads", headers: headers, body: body).status == status)
        }
    }

    @Test func `a body is taken where a route wants one, and a small one where 404 or 405 will answer it`() async throws
    {
        try await GatewayHarness.run { gateway in
            #expect(gateway.application.bodyLimit(for: HTTPRequestHead(method: "POST", path: "/reads")) == 100)
            #expect(gateway.application.bodyLimit(for: HTTPRequestHead(method: "POST", path: "/livez")) == 65_536)
            #expect(gateway.application.bodyLimit(for: HTTPRequestHead(method: "POST", path: "/nowhere")) == 65_536)
        }
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:8000", 200), ("203.0.113.7", "127.0.0.1:8000", 403),
        ("127.0.0.1", "evil.example:8000", 403), ("127.0.0.1", "", 403),
    ])
    func `administration is for this machine under its own name`(peer: String, host: String, status: Int) async throws {
        try await GatewayHarness.run { gateway in
            let answer = await gateway.respond(
                "GET", "/api/admin/sessions", headers: ["host": host], remoteAddress: peer)
            #expect(answer.status == status)
        }
    }

    @Test func `a foreign page may not change anything, a listed one may read the answer`() async throws {
        try await GatewayHarness.run { gateway in
            let evil: HTTPHeaders = ["host": "127.0.0.1:8000", "origin": "https://evil.example"]
            #expect(await gateway.respond("POST", "/reads", headers: evil, body: "{}").status == 403)
            let read = await gateway.respond("GET", "/health", headers: evil)
            #expect(read.status == 200 && read.headers["access-control-allow-origin"] == nil)
            let listed: HTTPHeaders = ["host": "127.0.0.1:8000", "origin": "https://app.example.com"]
            let answer = await gateway.respond("POST", "/reads", headers: listed, body: "{}")
            #expect(answer.status == 200)
            #expect(answer.headers["access-control-allow-origin"] == "https://app.example.com")
        }
    }

    // MARK: On loopback

    @Test func `a connection opens with the granted subprotocol, and a refused one has its status`() async throws {
        try await GatewayHarness.run { gateway in
            try await gateway.serve { port in
                let caller = try await gateway.connect(port, "/ws-mobile/tara")
                #expect(await caller.next() == .opened)
                #expect(await caller.next() == .text("hello tara"))
                let stranger = try await gateway.connect(port, "/ws-mobile/tara", origin: "null")
                #expect(await stranger.next() == .closed(1006, httpStatus: 403))
                let nameless = try await gateway.connect(port, "/ws-mobile/")
                #expect(await nameless.next() == .closed(1006, httpStatus: 400))
            }
        }
    }

    @Test func `a second phone takes the first one's place, also from another loop`() async throws {
        try await GatewayHarness.run { gateway in
            try await gateway.serve { port in
                let first = try await gateway.connect(port, "/ws-mobile/tara", loop: 0)
                _ = await (first.next(), first.next())
                let second = try await gateway.connect(port, "/ws-mobile/tara", loop: 1)
                #expect(await first.next() == .closed(4409, httpStatus: nil))
                #expect(await (second.next(), second.next()) == (.opened, .text("hello tara")))
                let sessions = await gateway.respond("GET", "/api/admin/sessions").json
                #expect(sessions["items"]?.array?.last?["user"] == "tara")
            }
        }
    }

    @Test func `more sessions than allowed are told to come back`() async throws {
        try await GatewayHarness.run(configure: { $0.maxSessions = 1 }) { gateway in
            try await gateway.serve { port in
                let first = try await gateway.connect(port, "/ws/tara")
                _ = await (first.next(), first.next())
                let second = try await gateway.connect(port, "/ws/ravi")
                #expect(await second.next() == .closed(1006, httpStatus: 503))
            }
        }
    }

    @Test func `draining tells everyone and is over when the last has left`() async throws {
        try await GatewayHarness.run { gateway in
            try await gateway.serve { port in
                let callers = [
                    try await gateway.connect(port, "/ws/a"), try await gateway.connect(port, "/ws/b", loop: 1),
                ]
                for caller in callers { _ = await (caller.next(), caller.next()) }
                gateway.registry.drain(by: .now)
                await gateway.registry.waitUntilEmpty()
                #expect(gateway.registry.count == 0)
            }
        }
    }
}
