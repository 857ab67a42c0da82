import Foundation
import JSON
import Testing
import Transport

@testable import Gateway

@Suite struct TokenTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private static func key(_ id: String = "k1", byte: UInt8 = 7) throws -> TokenKey {
        try #require(TokenKey(id: id, secret: [UInt8](repeating: byte, count: 32)))
    }

    private static func authority(_ keys: TokenKey...) -> TokenAuthority {
        TokenAuthority(keys: keys, issuer: "vaani", audience: "vaani")
    }

    private static let good = TokenClaims(subject: "tara", expiresAt: now + 900)

    /// A token signed with a known key, whatever it says.
    private func token(_ header: JSONValue, _ payload: JSONValue) throws -> String {
        let message = Base64URL.encode(header.encoded) + "." + Base64URL.encode(payload.encoded)
        return message + "." + Base64URL.encode(try Self.key().sign(Array(message.utf8)))
    }

    private func fault(_ token: String, at now: Date = now) throws -> String? {
        let authority = Self.authority(try Self.key())
        do throws(TokenFault) {
            _ = try authority.verify(token, at: now)
            return nil
        } catch {
            return error.code
        }
    }

    private static let header: JSONValue = ["alg": "HS256", "kid": "k1"]
    private static let payload: JSONValue = ["iss": "vaani", "aud": "vaani", "sub": "tara", "exp": 1_800_000_900]

    @Test func `the signature is that of RFC 7515, appendix A.1`() throws {
        let secret = try #require(
            Base64URL.decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))
        let message =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
            + "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        let key = try #require(TokenKey(id: "a1", secret: secret))
        #expect(Base64URL.encode(key.sign(Array(message.utf8))) == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    }

    @Test func `what is issued is verified, with its scopes`() throws {
        let authority = Self.authority(try Self.key())
        let claims = TokenClaims(subject: "tara", expiresAt: Self.now + 900, scopes: ["admin", "voice"])
        #expect(try authority.verify(authority.issue(claims, at: Self.now), at: Self.now) == claims)
    }

    @Test func `a token is good until 30 s after it expires`() throws {
        let token = Self.authority(try Self.key()).issue(Self.good, at: Self.now)
        #expect(try self.fault(token, at: Self.now + 929) == nil)
        #expect(try self.fault(token, at: Self.now + 931) == "token_expired")
    }

    @Test func `a second key is taken, an unknown one is not`() throws {
        let old = try Self.key("old", byte: 1), new = try Self.key("new", byte: 2)
        let token = Self.authority(old).issue(Self.good, at: Self.now)
        #expect(try Self.authority(new, old).verify(token, at: Self.now) == Self.good)
        #expect(throws: TokenFault.self) { try Self.authority(new).verify(token, at: Self.now) }
    }

    @Test(
        arguments: [
            ["alg": "none", "kid": "k1"], ["alg": "HS512", "kid": "k1"], ["alg": "RS256", "kid": "k1"],
            ["alg": "HS256"],
            ["alg": "HS256", "kid": "k2"], ["alg": "HS256", "kid": 1], ["kid": "k1"], [],
            ["alg": "HS256", "kid": "k1", "crit": ["exp"]],
        ] as [JSONValue])
    func `another algorithm, key or extension is refused`(header: JSONValue) throws {
        #expect(try self.fault(self.token(header, Self.payload)) == "token_invalid")
    }

    @Test(
        arguments: [
            ("iss", "other"), ("iss", nil), ("aud", "other"), ("aud", []), ("aud", nil), ("sub", nil), ("sub", 7),
            ("exp", nil), ("exp", "never"), ("exp", true), ("nbf", 1_800_000_031), ("nbf", "soon"),
        ] as [(String, JSONValue?)])
    func `a claim that is missing or wrong is refused`(name: String, value: JSONValue?) throws {
        var payload = try #require(Self.payload.object)
        payload[name] = value
        #expect(try self.fault(self.token(Self.header, .object(payload))) == "token_invalid")
    }

    @Test func `an audience among others and a start within the leeway are taken`() throws {
        var payload = try #require(Self.payload.object)
        payload["aud"] = ["other", "vaani"]
        payload["nbf"] = 1_800_000_029
        #expect(try self.fault(self.token(Self.header, .object(payload))) == nil)
    }

    @Test func `any changed character spoils the signature`() throws {
        let token = Array(Self.authority(try Self.key()).issue(Self.good, at: Self.now))
        // The last character of a part holds bits that decode to nothing: some changes there are no change.
        for index in token.indices where index != token.count - 1 {
            var changed = token
            changed[index] = token[index] == "A" ? "B" : "A"
            #expect(try self.fault(String(changed)) != nil, "character \(index)")
        }
    }

    @Test(arguments: [
        "", ".", "..", "a.b.c", "a.b.c.d", "....", "e30.e30.e30", "=.=.=", String(repeating: "a", count: 5_000),
    ])
    func `what is no token is refused`(text: String) throws {
        #expect(try self.fault(text) == "token_invalid")
    }

    @Test func `a short secret is no key, and a key prints without its secret`() throws {
        #expect(TokenKey(id: "k", secret: [UInt8](repeating: 1, count: 31)) == nil)
        var dumped = ""
        dump(try Self.key(), to: &dumped)
        #expect(!"\(try Self.key()) \(dumped)".contains("7, 7"))
    }
}

@Suite struct TokenAccessTests {
    private static let authority = TokenKey(id: "k", secret: [UInt8](repeating: 1, count: 32)).map {
        TokenAuthority(keys: [$0], issuer: "vaani", audience: "vaani")
    }

    private func run(_ body: (GatewayHarness, TokenAuthority) async throws -> Void) async throws {
        let authority = try #require(Self.authority)
        try await GatewayHarness.run(configure: { $0.access = .tokens(authority) }) { try await body($0, authority) }
    }

    private func token(_ subject: String, _ authority: TokenAuthority, lifetime: Double = 60, scopes: Set<String> = [])
        -> String
    {
        authority.issue(TokenClaims(subject: subject, expiresAt: .now + lifetime, scopes: scopes), at: .now)
    }

    @Test func `without a token, or with an old one, the answer is 401`() async throws {
        try await self.run { gateway, authority in
            let missing = try #require(gateway.refusal("/ws/tara"))
            #expect(missing.status == 401 && missing.headers["www-authenticate"] == "Bearer")
            #expect(missing.json["code"] == "token_missing")
            let old = HTTPHeaders([("authorization", "Bearer \(self.token("tara", authority, lifetime: -31))")])
            #expect(gateway.refusal("/ws/tara", headers: old)?.json["code"] == "token_expired")
        }
    }

    @Test func `a header and a subprotocol carry a token as well`() async throws {
        try await self.run { gateway, authority in
            let token = self.token("tara", authority)
            #expect(gateway.refusal("/ws/tara", headers: HTTPHeaders([("authorization", "bearer \(token)")])) == nil)
            let offered = HTTPHeaders([("sec-websocket-protocol", "vaani.v1, token.\(token)")])
            #expect(gateway.refusal("/ws/tara", headers: offered) == nil)
            #expect(
                gateway.refusal("/ws/tara", headers: HTTPHeaders([("authorization", "Basic \(token)")]))?.status == 401)
        }
    }

    @Test func `a token of another user is refused`() async throws {
        try await self.run { gateway, authority in
            let headers = HTTPHeaders([("authorization", "Bearer \(self.token("ravi", authority))")])
            let answer = try #require(gateway.refusal("/ws/tara", headers: headers))
            #expect(answer.status == 403 && answer.json["code"] == "wrong_user")
        }
    }

    @Test func `health is for everyone, the rest for bearers, administration for a scope`() async throws {
        try await self.run { gateway, authority in
            let user = HTTPHeaders([
                ("host", "127.0.0.1"), ("authorization", "Bearer \(self.token("tara", authority))"),
            ])
            let admin = HTTPHeaders([
                ("host", "voice.example"),
                ("authorization", "Bearer \(self.token("op", authority, scopes: ["admin"]))"),
            ])
            #expect(await gateway.respond("GET", "/readyz").status == 200)
            #expect(await gateway.respond("GET", "/api/status").status == 401)
            #expect(await gateway.respond("GET", "/api/status", headers: user).status == 200)
            #expect(await gateway.respond("GET", "/api/admin/sessions", headers: user).status == 403)
            #expect(await gateway.respond("GET", "/api/admin/sessions", headers: admin).status == 200)
        }
    }
}
