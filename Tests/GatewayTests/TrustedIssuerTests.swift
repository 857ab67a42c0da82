import CCrypto
import Foundation
import JSON
import Testing

@testable import Gateway

/// Keys and signatures that the RFCs publish.
private enum Published {
    // RFC 7515, appendix A.2.
    static let rsa: [String: JSONValue] = [
        "kty": "RSA", "kid": "r1", "e": "AQAB",
        "n": .string(
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR"
                + "T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS"
                + "-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2et"
                + "hFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"),
    ]
    static let rsaSignature =
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU"
        + "Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d"
        + "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig"
        + "cN_IoypGlUPQGe77Rw"
    static let rsaMessage =
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    // RFC 7515, appendix A.3.
    static let ec: [String: JSONValue] = [
        "kty": "EC", "crv": "P-256", "kid": "c1", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    ]
    static let ecSignature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    static let ecMessage =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    // RFC 8037, appendix A.
    static let ed: [String: JSONValue] = [
        "kty": "OKP", "crv": "Ed25519", "kid": "e1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    ]
    static let edPrivate = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
    static let edSignature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    static let edMessage = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"

    static func set(_ keys: [String: JSONValue]...) -> [UInt8] {
        JSONValue.object(["keys": .array(keys.map { .object($0) })]).encoded
    }
}

@Suite struct TrustedIssuerTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)
    private static let payload: [String: JSONValue] = [
        "iss": "https://app.example", "aud": "voice", "sub": "tara", "exp": 1_800_000_900,
    ]

    private func authority() throws -> TokenAuthority {
        let own = try #require(TokenKey(id: "k1", secret: [UInt8](repeating: 7, count: 32)))
        let trusted = try TrustedIssuer(
            name: "https://app.example", audience: "voice",
            keySet: Published.set(Published.rsa, Published.ec, Published.ed))
        return TokenAuthority(keys: [own], issuer: "vaani", audience: "vaani", trusted: trusted)
    }

    /// Signed with the private half of the published key for Ed25519.
    private func token(_ header: JSONValue, _ payload: [String: JSONValue]) throws -> String {
        let message = Base64URL.encode(header.encoded) + "." + Base64URL.encode(JSONValue.object(payload).encoded)
        let secret = try #require(Base64URL.decode(Published.edPrivate))
        let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, secret, secret.count)
        let context = EVP_MD_CTX_new()
        defer {
            EVP_MD_CTX_free(context)
            EVP_PKEY_free(key)
        }
        var signature = [UInt8](repeating: 0, count: 64)
        var count = signature.count
        let bytes = Array(message.utf8)
        try #require(EVP_DigestSignInit(context, nil, nil, nil, key) == 1)
        try #require(EVP_DigestSign(context, &signature, &count, bytes, bytes.count) == 1)
        return message + "." + Base64URL.encode(signature)
    }

    private static let header: JSONValue = ["alg": "EdDSA", "kid": "e1"]

    private func fault(_ token: String) throws -> String? {
        let authority = try self.authority()
        do throws(TokenFault) {
            _ = try authority.verify(token, at: Self.now)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        (Published.rsa, Published.rsaMessage, Published.rsaSignature),
        (Published.ec, Published.ecMessage, Published.ecSignature),
        (Published.ed, Published.edMessage, Published.edSignature),
    ])
    func `signatures of the RFCs are right, and any changed bit of one is wrong`(
        jwk: [String: JSONValue], message: String, signature: String
    ) throws {
        let key = try #require(try PublicTokenKey(jwk))
        let good = try #require(Base64URL.decode(signature))
        #expect(key.isSignature(good, of: Array(message.utf8)))
        #expect(!key.isSignature(good, of: Array((message + "A").utf8)))
        for index in stride(from: 0, to: good.count, by: 7) {
            var changed = good
            changed[index] ^= 1
            #expect(!key.isSignature(changed, of: Array(message.utf8)), "byte \(index)")
        }
        for wrong in [[], [0], Array(good.dropLast()), good + [0], [UInt8](repeating: 0, count: good.count)] {
            #expect(!key.isSignature(wrong, of: Array(message.utf8)))
        }
    }

    @Test func `a token of the app's own issuer is taken, without the scope of operators`() throws {
        var payload = Self.payload
        payload["scope"] = "admin voice"
        let claims = try self.authority().verify(self.token(Self.header, payload), at: Self.now)
        #expect(claims.subject == "tara" && claims.scopes == ["voice"])
    }

    @Test func `a public key is no secret: HS256 over it is refused`() throws {
        let secret = try #require(Published.ed["x"]?.string.flatMap { Base64URL.decode($0) })
        let forger = try #require(TokenKey(id: "e1", secret: secret))
        let message =
            Base64URL.encode(JSONValue.object(["alg": "HS256", "kid": "e1"]).encoded) + "."
            + Base64URL.encode(JSONValue.object(Self.payload).encoded)
        let token = message + "." + Base64URL.encode(forger.sign(Array(message.utf8)))
        #expect(try self.fault(token)?.contains("algorithm") == true)
    }

    @Test(
        arguments: [
            ["alg": "none", "kid": "e1"], ["alg": "RS256", "kid": "e1"], ["alg": "ES256", "kid": "e1"],
            ["alg": "EdDSA", "kid": "r1"], ["alg": "EdDSA", "kid": "k1"], ["alg": "EdDSA"],
            ["alg": "eddsa", "kid": "e1"],
            ["alg": "EdDSA", "kid": "e1", "crit": []], ["alg": ["EdDSA"], "kid": "e1"],
        ] as [JSONValue])
    func `another algorithm or key than the token was signed with is refused`(header: JSONValue) throws {
        #expect(try self.fault(self.token(header, Self.payload)) != nil)
    }

    @Test(
        arguments: [
            ("iss", "vaani"), ("iss", "https://app.example/"), ("iss", nil), ("iss", ["https://app.example"]),
            ("aud", "vaani"), ("aud", nil), ("exp", nil), ("exp", 1_799_999_000), ("nbf", 1_800_000_100), ("sub", nil),
        ] as [(String, JSONValue?)])
    func `each issuer has its own audience and keys`(name: String, value: JSONValue?) throws {
        var payload = Self.payload
        payload[name] = value
        #expect(try self.fault(self.token(Self.header, payload)) != nil)
    }

    @Test func `a good token of the same making is taken`() throws {
        // The control for the refusals above.
        #expect(try self.fault(self.token(Self.header, Self.payload)) == nil)
    }

    @Test func `other keys are taken from now on, and the old ones no more`() throws {
        let authority = try self.authority()
        let token = try self.token(Self.header, Self.payload)
        _ = try authority.verify(token, at: Self.now)
        authority.replaceKeys([], trusted: nil)
        #expect(throws: TokenFault.self) { try authority.verify(token, at: Self.now) }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"keys": {}}"#, #"{"keys": []}"#, #"{"keys": [1]}"#,
        #"{"keys": [{"kty": "oct", "kid": "a", "k": "c2VjcmV0"}]}"#,
        #"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "AAAA"}]}"#,
        #"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "d": "AAAA", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
        #"{"keys": [{"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"}]}"#,
        #"{"keys": [{"kty": "RSA", "kid": "a", "n": "", "e": ""}]}"#,
        #"{"keys": [{"kty": "EC", "crv": "P-256", "kid": "a", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}]}"#,
        #"{"keys": [{"kty": "OKP", "crv": "X25519", "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
    ])
    func `a set without a sound public key is refused`(text: String) {
        #expect(throws: TrustedIssuer.InvalidKeys.self) {
            try TrustedIssuer(name: "app", audience: "voice", keySet: Array(text.utf8))
        }
    }

    @Test func `keys for other purposes are passed over, and two of one name are refused`() throws {
        var encryption = Published.rsa
        encryption["use"] = "enc"
        let trusted = try TrustedIssuer(
            name: "app", audience: "voice", keySet: Published.set(encryption, ["kty": "new", "kid": "n"], Published.ed))
        #expect(trusted.keys.keys.sorted() == ["e1"])
        #expect(throws: TrustedIssuer.InvalidKeys.self) {
            try TrustedIssuer(name: "app", audience: "voice", keySet: Published.set(Published.ed, Published.ed))
        }
    }
}
