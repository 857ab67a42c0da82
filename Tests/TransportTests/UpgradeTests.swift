import Testing

@testable import Transport

extension Loopback {
    /// Requests for an upgrade: who gets a WebSocket, and what the others are told.
    struct UpgradeTests {
        private func answer(
            _ request: String, _ application: TestApplication = TestApplication()
        ) async throws -> String {
            nonisolated(unsafe) var answer = ""
            try await Harness.run(application) { harness in
                // Written once, and read after `run` has returned.
                answer = await raw(harness.port) { client in
                    client.send(request)
                    return client.receiveAll()
                }
            }
            return answer
        }

        private static func upgrade(_ changes: [String: String?]) -> String {
            var fields: [String: String?] = [
                "host": "x", "upgrade": "websocket", "connection": "keep-alive, Upgrade", "sec-websocket-version": "13",
                "sec-websocket-key": RawClient.key,
            ]
            for (name, value) in changes { fields[name] = value }
            let lines = fields.sorted { $0.key < $1.key }.compactMap { name, value in value.map { "\(name): \($0)\r\n" }
            }
            return "GET /ws HTTP/1.1\r\n\(lines.joined())\r\n"
        }

        @Test(arguments: ["8", "12", "14", nil]) func `another version is told the right one`(version: String?)
            async throws
        {
            let answer = try await self.answer(Self.upgrade(["sec-websocket-version": version]))
            #expect(answer.hasPrefix("HTTP/1.1 426 Upgrade Required\r\n"))
            #expect(answer.contains("\r\nsec-websocket-version: 13\r\n"))
        }

        @Test(
            arguments: [
                ["sec-websocket-key": nil], ["sec-websocket-key": "c2hvcnQ="],
                ["sec-websocket-key": "!!!!!!!!!!!!!!!!!!!!!!=="],
                ["connection": nil], ["connection": "close"], ["upgrade": "foobarbaz"], ["upgrade": "websocket, h2c"],
                ["content-length": "5"],
            ] as [[String: String?]]) func `a handshake that is not well-formed gets 400`(changes: [String: String?])
            async throws
        {
            #expect(try await self.answer(Self.upgrade(changes)).hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        }

        @Test func `an offer of HTTP 2 is passed over`() async throws {
            let answer = try await self.answer(
                Self.upgrade(["upgrade": "h2c", "http2-settings": "AAMAAABkAAQAoAAAAAIAAAAA"]))
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }

        @Test func `a refusal has the application's status, headers and body`() async throws {
            let application = TestApplication(decide: { _, _ in
                .refuse(.error(status: 429, code: "rate", message: "slow down", headers: [("retry-after", "7")]))
            })
            let answer = try await self.answer(Self.upgrade([:]), application)
            #expect(
                answer.hasPrefix(
                    "HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-type: application/json\r\n"))
            #expect(answer.hasSuffix(#"{"type":"error","code":"rate","message":"slow down"}"#))
        }

        // The second request makes libwebsockets 4.1.6 read freed memory when it reads requests itself.
        @Test func `an unknown upgrade after a request on the same connection is never read`() async throws {
            let answer = try await self.answer(
                "GET / HTTP/1.1\r\nhost: x\r\nconnection: keep-alive\r\n\r\n" + Self.upgrade(["upgrade": "foobarbaz"]))
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.components(separatedBy: "HTTP/1.1").count == 2)
        }

        @Test func `a subprotocol list with a long token is accepted`() async throws {
            let token = "token." + String(repeating: "a", count: 4_000)
            let application = TestApplication(decide: { head, loop in
                #expect(loop.isCurrent)
                #expect(head.subprotocols == ["vaani.v1", token])
                #expect(head.remoteAddress == "127.0.0.1")
                return .accept(EchoHandler(), subprotocol: "vaani.v1")
            })
            try await Harness.run(application) { harness in
                let head = await raw(harness.port) {
                    $0.openWebSocket(extra: "sec-websocket-protocol: vaani.v1, \(token)\r\n")
                }
                #expect(head.hasPrefix("HTTP/1.1 101 "))
                #expect(head.contains("\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
                #expect(head.contains("\r\nsec-websocket-protocol: vaani.v1\r\n"))
            }
        }

        @Test func `unknown subprotocols are accepted without the header`() async throws {
            try await Harness.run { harness in
                let head = await raw(harness.port) { $0.openWebSocket(extra: "sec-websocket-protocol: chat\r\n") }
                #expect(head.hasPrefix("HTTP/1.1 101 "))
                #expect(!head.lowercased().contains("sec-websocket-protocol"))
            }
        }

        @Test func `compression is not negotiated`() async throws {
            try await Harness.run { harness in
                let head = await raw(harness.port) {
                    $0.openWebSocket(extra: "sec-websocket-extensions: permessage-deflate\r\n")
                }
                #expect(head.hasPrefix("HTTP/1.1 101 "))
                #expect(!head.lowercased().contains("extensions"))
            }
        }
    }
}
