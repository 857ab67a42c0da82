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
}
