import Foundation
import Synchronization
import Testing

@testable import Transport

extension Loopback {
    /// Client WebSockets: how they open, and in how many ways they may not.
    struct ClientTests {
        private func failure(_ handler: RecordingHandler) async -> TransportError? {
            guard case .connectFailed(let error) = await handler.close()?.cause else { return nil }
            return error
        }

        /// What a client hears of a peer that answers the upgrade with `answer`, or with nothing.
        private func failure(against answer: String?, timeout: Duration = .seconds(5)) async throws -> TransportError? {
            let group = try EventLoopGroup(count: 1, log: .disabled, metrics: .init())
            let listener = RawListener()
            let handler = RecordingHandler()
            var target = try WebSocketTarget(url: "ws://127.0.0.1:\(listener.port)/x")
            target.connectTimeout = timeout
            let socket = await group.loops[0].run { [target] in $0.connect(target, handler: handler) }
            let peer = await blocking {
                let peer = listener.accept()
                _ = peer.receiveHead()
                if let answer { peer.send(answer) }
                return answer == nil ? peer : nil
            }
            let error = await self.failure(handler)
            await group.shutdown()
            withExtendedLifetime((peer, socket)) {}
            return error
        }

        @Test func `headers and subprotocols reach the server`() async throws {
            let seen = Mutex<HTTPRequestHead?>(nil)
            let application = TestApplication(decide: { head, _ in
                seen.withLock { $0 = head }
                return .accept(EchoHandler(), subprotocol: "realtime")
            })
            try await Harness.run(application) { harness in
                let token = String(repeating: "k", count: 6_000)
                let target = try WebSocketTarget(
                    url: "ws://localhost:\(harness.port)/v1/realtime?model=m",
                    headers: [("Authorization", "Bearer \(token)")],
                    subprotocols: ["realtime", "openai-beta"])
                let handler = RecordingHandler()
                let socket = await harness.connect(target, handler)
                #expect(await handler.next() == .opened)
                let head = try #require(seen.withLock { $0 })
                #expect(head.path == "/v1/realtime")
                #expect(head.queryValue("model") == "m")
                #expect(head.headers["authorization"] == "Bearer \(token)")
                #expect(head.headers["host"] == "localhost:\(harness.port)")
                #expect(head.subprotocols == ["realtime", "openai-beta"])
                await harness.loop.run { _ in socket.close(code: 1000) }
                #expect(await handler.close()?.cause == .local)
            }
        }

        @Test func `a port where nobody listens is unreachable`() async throws {
            let port = RawListener().port
            try await Harness.run { harness in
                let handler = RecordingHandler()
                let socket = await harness.connect(try WebSocketTarget(url: "ws://127.0.0.1:\(port)/"), handler)
                let error = await self.failure(handler)
                #expect(error?.code == .unreachable)
                #expect(error?.isRetriable == true)
                #expect(await harness.loop.run { _ in socket.send(text: [0x61]) } == .closed)
            }
        }

        @Test func `a peer that never answers is a timeout`() async throws {
            let error = try await self.failure(against: nil, timeout: .milliseconds(150))
            #expect(error?.code == .connectTimeout)
            #expect(error?.isRetriable == true)
        }

        @Test(arguments: [401, 403, 404, 429, 503]) func `a refused upgrade has its status`(status: Int) async throws {
            let application = TestApplication(decide: { _, _ in
                .refuse(.error(status: status, code: "no", message: "no", headers: [("retry-after", "7")]))
            })
            try await Harness.run(application) { harness in
                let handler = RecordingHandler()
                let socket = await harness.connect(try WebSocketTarget(url: harness.url), handler)
                let error = await self.failure(handler)
                #expect(error?.code == .upgradeRefused)
                #expect(error?.httpStatus == status)
                #expect(error?.retryAfterSeconds == 7)
                #expect(error?.isRetriable == (status >= 429))
                withExtendedLifetime(socket) {}
            }
        }

        @Test(arguments: [
            "", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                + "sec-websocket-accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
        ]) func `an answer that is no handshake is an error of its own`(answer: String) async throws {
            let error = try await self.failure(against: answer)
            #expect(error?.code == .handshake)
        }

        @Test func `a name that does not exist is not resolved`() async throws {
            try await Harness.run { harness in
                let handler = RecordingHandler()
                let socket = await harness.connect(try WebSocketTarget(url: "ws://nowhere.invalid/"), handler)
                #expect(await self.failure(handler)?.code == .nameNotResolved)
                withExtendedLifetime(socket) {}
            }
        }

        @Test func `a dead name server delays the one who asked and nobody else`() async throws {
            let release = DispatchSemaphore(value: 0)
            let resolver = Resolver { _, _ in
                release.wait()
                return .success([])
            }
            let group = try EventLoopGroup(count: 1, log: .disabled, metrics: .init(), resolver: resolver)
            var target = try WebSocketTarget(url: "ws://dead.example/")
            target.connectTimeout = .milliseconds(100)
            let handler = RecordingHandler()
            let socket = await group.loops[0].run { [target] in $0.connect(target, handler: handler) }
            // Served while the resolver hangs: it is let go only below.
            await group.loops[0].run { _ in }
            #expect(await self.failure(handler)?.code == .nameNotResolved)
            release.signal()
            await group.shutdown()
            withExtendedLifetime(socket) {}
        }

        @Test func `the next address is tried when one takes no connection`() async throws {
            try await Harness.run { harness in
                let port = harness.port
                let resolver = Resolver { _, _ in .success(["::1", "127.0.0.1"]) }
                let group = try EventLoopGroup(count: 1, log: .disabled, metrics: .init(), resolver: resolver)
                let handler = RecordingHandler()
                let target = try WebSocketTarget(url: "ws://two.example:\(port)/")
                let socket = await group.loops[0].run { $0.connect(target, handler: handler) }
                let event = await handler.next()
                #expect(event == .opened)
                await group.shutdown()
                withExtendedLifetime(socket) {}
            }
        }

        @Test func `closing before it is open ends the attempt once`() async throws {
            let listener = RawListener()
            try await Harness.run { harness in
                for url in ["ws://localhost:\(listener.port)/", "ws://127.0.0.1:\(listener.port)/"] {
                    let handler = RecordingHandler()
                    let target = try WebSocketTarget(url: url)
                    await harness.loop.run { loop in
                        let socket = loop.connect(target, handler: handler)
                        socket.close(code: 1000)
                        socket.close(code: 1000)
                    }
                    #expect(await self.failure(handler)?.code == .cancelled)
                }
                // And once the library has begun to connect.
                let handler = RecordingHandler()
                let target = try WebSocketTarget(url: "ws://127.0.0.1:\(listener.port)/")
                let socket = await harness.loop.run { $0.connect(target, handler: handler) }
                let peer = await blocking { listener.accept() }
                await harness.loop.run { _ in socket.close(code: 1000) }
                #expect(await self.failure(handler)?.code == .cancelled)
                #expect(peer.descriptor >= 0)
            }
        }

        @Test(arguments: [1000, 1001, 1011, 1012, 1013, 1014, 4401, 4503]) func `a server's close code is reported`(
            code: Int
        )
            async throws
        {
            let application = TestApplication(decide: { _, _ in
                .accept(RecordingHandler { $0.close(code: code, reason: "because") }, subprotocol: nil)
            })
            try await Harness.run(application) { harness in
                let handler = RecordingHandler()
                let socket = try await harness.openClient(handler)
                #expect(await handler.close() == WebSocketClose(code: code, reason: "because", cause: .peer))
                withExtendedLifetime(socket) {}
            }
        }

        @Test func `a message over the client's limit closes with 1009`() async throws {
            let server = RecordingHandler { $0.send(binary: Array(repeating: 0, count: 50_000)) }
            try await Harness.run(TestApplication(decide: { _, _ in .accept(server, subprotocol: nil) })) { harness in
                var target = try WebSocketTarget(url: harness.url)
                target.maxMessageBytes = 10_000
                let handler = RecordingHandler()
                let socket = await harness.connect(target, handler)
                #expect(await server.close()?.code == 1009)
                #expect(await handler.close()?.code == 1009)
                withExtendedLifetime(socket) {}
            }
        }

        @Test func `a server that falls silent is pinged and given up`() async throws {
            let listener = RawListener()
            try await Harness.run { harness in
                var target = try WebSocketTarget(url: "ws://127.0.0.1:\(listener.port)/")
                target.ping = .milliseconds(50)
                target.hangUp = .milliseconds(150)
                let handler = RecordingHandler()
                let socket = await harness.connect(target, handler)
                let peer = await blocking { listener.acceptWebSocket() }
                #expect(await handler.next() == .opened)
                #expect(await blocking { peer.receive(1) } == [0x89])
                #expect(await handler.close() == WebSocketClose(code: 1006, reason: "", cause: .timeout))
                withExtendedLifetime(socket) {}
            }
        }
    }

    /// Encryption on both sides.
    struct TLSTests {
        private func withServer(
            _ application: TestApplication = TestApplication(), _ body: (Harness, Certificate) async throws -> Void
        ) async throws {
            let certificate = try Certificate()
            defer { certificate.remove() }
            try await Harness.run(
                application,
                configure: {
                    $0.tls = .init(certificateFile: certificate.certificateFile, keyFile: certificate.keyFile)
                }
            ) { harness in try await body(harness, certificate) }
        }

        private func connect(
            _ harness: Harness, _ host: String, authority: String?
        ) async throws -> (RecordingHandler, WebSocket) {
            var target = try WebSocketTarget(url: "wss://\(host):\(harness.port)/ws")
            target.certificateAuthorityFile = authority
            let handler = RecordingHandler()
            return (handler, await harness.connect(target, handler))
        }

        @Test func `messages pass, large ones and against each other`() async throws {
            try await self.withServer { harness, certificate in
                let (handler, socket) = try await self.connect(
                    harness, "localhost", authority: certificate.certificateFile)
                #expect(await handler.next() == .opened)
                let message = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                await harness.loop.run { _ in
                    socket.send(text: Array("small".utf8))
                    socket.send(binary: message)
                }
                var events: [RecordingHandler.Event?] = []
                while events.count < 2 {
                    let event = await handler.next()
                    if event != .drained { events.append(event) }
                }
                #expect(events == [.text("small"), .binary(message)])
                await harness.loop.run { _ in socket.close(code: 4000) }
                #expect(await handler.close()?.code == 4000)
            }
        }

        @Test func `a peer that does not read holds up neither itself nor the loop`() async throws {
            let server = RecordingHandler { while $0.send(binary: Array(repeating: 1, count: 50_000)) != .dropped {} }
            try await self.withServer(TestApplication(decide: { _, _ in .accept(server, subprotocol: nil) })) {
                harness, certificate in
                let (handler, socket) = try await self.connect(
                    harness, "localhost", authority: certificate.certificateFile)
                await harness.loop.run { _ in socket.pauseReading() }
                #expect(await server.next() == .opened)
                await harness.loop.run { _ in
                    socket.send(text: Array("while the other is full".utf8))
                    socket.resumeReading()
                }
                var event = await server.next()
                while event == .drained { event = await server.next() }
                #expect(event == .text("while the other is full"))
                #expect(await handler.next() == .opened)
            }
        }

        @Test(arguments: [("127.0.0.1", true), ("localhost", false)])
        func `a wrong name and an unknown authority are refused`(host: String, trusts: Bool) async throws {
            try await self.withServer { harness, certificate in
                let (handler, socket) = try await self.connect(
                    harness, host, authority: trusts ? certificate.certificateFile : nil)
                guard case .connectFailed(let error) = await handler.close()?.cause else {
                    Issue.record("the connection opened")
                    return
                }
                #expect(error.code == .tls)
                #expect(!error.isRetriable)
                withExtendedLifetime(socket) {}
            }
        }

        @Test func `a server that does not speak TLS is never spoken to in the clear`() async throws {
            try await Harness.run { harness in
                let (handler, socket) = try await self.connect(harness, "localhost", authority: nil)
                guard case .connectFailed = await handler.close()?.cause else {
                    Issue.record("the connection opened")
                    return
                }
                withExtendedLifetime(socket) {}
            }
        }

        @Test func `a handshake that stalls is dropped`() async throws {
            let certificate = try Certificate()
            defer { certificate.remove() }
            try await Harness.run(configure: {
                $0.tls = .init(certificateFile: certificate.certificateFile, keyFile: certificate.keyFile)
                $0.handshakeTimeout = .milliseconds(150)
            }) { harness in
                let end = await raw(harness.port) { client in
                    client.send([0x16, 0x03, 0x01])
                    return client.receive()
                }
                #expect(end.isEmpty)
            }
        }

        @Test func `requests are answered`() async throws {
            try await self.withServer { harness, certificate in
                let answer = await blocking {
                    let curl = Process()
                    let output = Pipe()
                    curl.executableURL = URL(filePath: "/usr/bin/openssl")
                    curl.arguments = [
                        "s_client", "-quiet", "-verify_return_error", "-verify_hostname", "localhost", "-CAfile",
                        certificate.certificateFile, "-connect", "127.0.0.1:\(harness.port)",
                    ]
                    let input = Pipe()
                    curl.standardInput = input
                    curl.standardOutput = output
                    curl.standardError = FileHandle.nullDevice
                    try? curl.run()
                    try? input.fileHandleForWriting.write(
                        contentsOf: Data("POST /secret HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi".utf8))
                    let data = output.fileHandleForReading.readDataToEndOfFile()
                    curl.waitUntilExit()
                    return String(decoding: data, as: UTF8.self)
                }
                #expect(answer.hasSuffix("POST /secret hi"))
            }
        }

        @Test func `a certificate that cannot be read stops the start`() async throws {
            await #expect(throws: TransportError.self) {
                try await Harness.run(configure: {
                    $0.tls = .init(certificateFile: "/nonexistent.pem", keyFile: "/nonexistent.pem")
                }) { _ in }
            }
        }
    }
}
