import Foundation
import Synchronization
import Testing

@testable import Transport

extension Loopback {
    /// Who is let in, and how a server ends.
    struct ServerTests {
        private static let request = "GET /in HTTP/1.1\r\nhost: x\r\n\r\n"

        @Test func `a full server says so and when to come back`() async throws {
            try await Harness.run(configure: { $0.maxConnections = 2 }) { harness in
                let inside = await blocking {
                    let clients = (0..<2).map { _ in RawClient(port: harness.port) }
                    for client in clients { _ = client.openWebSocket() }
                    return clients
                }
                let answer = await raw(harness.port) { $0.receiveAll() }
                #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\n"))
                #expect(answer.hasSuffix(#"{"type":"error","code":"overloaded","message":"too many connections"}"#))
                #expect(
                    harness.metrics.prometheusText().contains(
                        #"vaani_connections_refused_total{reason="connections"} 1"#))
                await blocking { inside[0].reset() }
                while harness.server.openConnections > 1 { await harness.loop.run { _ in } }
                let welcome = await raw(harness.port) { client in
                    client.send(Self.request)
                    return client.receiveAll()
                }
                #expect(welcome.hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }

        @Test func `descriptors are kept free for others`() async throws {
            try await Harness.run(configure: { $0.spareDescriptors = 1 << 30 }) { harness in
                #expect(await raw(harness.port) { $0.receiveAll() }.hasPrefix("HTTP/1.1 503 "))
                #expect(
                    harness.metrics.prometheusText().contains(
                        #"vaani_connections_refused_total{reason="descriptors"} 1"#))
            }
        }

        @Test func `with no descriptor left the loop waits and does not spin`() async throws {
            try await Harness.run { harness in
                let tries = Mutex(0)
                let port = harness.server.ports[0]
                let (ticks, tick) = AsyncStream<Void>.makeStream()
                await harness.loop.run { loop in
                    port.takeConnection = { _ in
                        tries.withLock { $0 += 1 }
                        return .failure(SystemError(number: EMFILE))
                    }
                    loop.schedule(after: .milliseconds(300)) {
                        port.takeConnection = SystemError.accept
                        tick.yield()
                    }
                }
                let clients = await blocking { (0..<5).map { _ in RawClient(port: harness.port) } }
                var iterator = ticks.makeAsyncIterator()
                await iterator.next()
                // It tries once in 100 ms; a loop that spins tries thousands of times.
                #expect((1...5).contains(tries.withLock { $0 }))
                let answers = await blocking {
                    for client in clients { client.send(Self.request) }
                    return clients.map { $0.receiveAll() }
                }
                #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 200 OK\r\n") })
            }
        }

        @Test func `all loops of a group share one port`() async throws {
            let loops = Mutex<Set<Int>>([])
            let application = TestApplication(decide: { _, loop in
                loops.withLock { _ = $0.insert(loop.index) }
                return .accept(EchoHandler(), subprotocol: nil)
            })
            try await Harness.run(loops: 2, application) { harness in
                let clients = await blocking {
                    (0..<64).map { _ in
                        let client = RawClient(port: harness.port)
                        _ = client.openWebSocket()
                        return client
                    }
                }
                #expect(harness.server.openConnections == 64)
                #expect(loops.withLock { $0 } == [0, 1])
                withExtendedLifetime(clients) {}
            }
        }

        @Test func `two servers may share a port, so that one can follow the other`() async throws {
            try await Harness.run { first in
                try await Harness.run(configure: { $0.listen = [("127.0.0.1", first.port)] }) { second in
                    #expect(second.port == first.port)
                    await first.server.stopAccepting()
                    let answers = await blocking {
                        (0..<20).map { _ in
                            let client = RawClient(port: second.port)
                            client.send(Self.request)
                            return client.receiveAll()
                        }
                    }
                    #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 200 OK\r\n") })
                }
            }
        }

        @Test func `a port that is taken is named`() async throws {
            let listener = RawListener()
            let error = await #expect(throws: TransportError.self) {
                try await Harness.run(configure: { $0.listen = [("127.0.0.1", listener.port)] }) { _ in }
            }
            #expect(error?.code == .bind)
            #expect(error?.message == "127.0.0.1:\(listener.port): Address already in use")
        }

        @Test func `a server that stops accepting serves who is queued and who is inside`() async throws {
            try await Harness.run { harness in
                let inside = RecordingHandler()
                let socket = try await harness.openClient(inside)
                let go = DispatchSemaphore(value: 0)
                harness.loop.execute { go.wait() }
                let queued = await blocking { (0..<10).map { _ in RawClient(port: harness.port) } }
                async let stopped: Void = harness.server.stopAccepting()
                go.signal()
                await stopped
                let answers = await blocking {
                    for client in queued { client.send(Self.request) }
                    return queued.map { $0.receiveAll() }
                }
                #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 200 OK\r\n") })
                _ = await harness.loop.run { _ in socket.send(text: Array("still here".utf8)) }
                #expect(await inside.next() == .text("still here"))
                #expect(await raw(harness.port) { $0.send(Self.request) ? $0.receiveAll() : "" }.isEmpty)
            }
        }

        @Test func `a closing server says goodbye and cuts off who does not answer at the deadline`() async throws {
            let polite = RecordingHandler()
            let deaf = RecordingHandler()
            let application = TestApplication(decide: { head, _ in
                .accept(head.path == "/deaf" ? deaf : polite, subprotocol: nil)
            })
            try await Harness.run(application) { harness in
                let client = RecordingHandler()
                let socket = try await harness.openClient(client, path: "/polite")
                let silent = RawClient(port: harness.port)
                _ = await blocking { silent.openWebSocket("/deaf") }
                let began = ContinuousClock.now
                await harness.server.close(deadline: .milliseconds(200))
                #expect(.now - began < .seconds(3))
                #expect(harness.server.openConnections == 0)
                #expect(await client.close()?.code == 1001)
                #expect(await polite.close()?.code == 1001)
                #expect(await deaf.close()?.code == 1001)
                withExtendedLifetime(socket) {}
            }
        }

        @Test func `an answer under way is finished when the server closes`() async throws {
            let (started, start) = AsyncStream<Void>.makeStream()
            let (gate, open) = AsyncStream<Void>.makeStream()
            let application = TestApplication(respond: { _ in
                start.yield()
                for await _ in gate { break }
                return HTTPResponse(status: 200, body: .bytes(Array("late".utf8)))
            })
            try await Harness.run(application) { harness in
                async let answer = raw(harness.port) { client in
                    client.send(Self.request)
                    return client.receiveAll()
                }
                var iterator = started.makeAsyncIterator()
                await iterator.next()
                async let closed: Void = harness.server.close(deadline: .seconds(5))
                open.yield()
                #expect(await answer.hasSuffix("late"))
                await closed
            }
        }

        @Test func `after hundreds of connections nothing is left alive`() async throws {
            nonisolated(unsafe) var live: LiveObjects?
            try await Harness.run { harness in
                // Written here, and read after `run` has returned.
                live = harness.group.liveObjects
                for _ in 0..<200 {
                    let handler = RecordingHandler()
                    let socket = try await harness.openClient(handler)
                    await harness.loop.run { _ in
                        socket.send(text: Array("x".utf8))
                        socket.close(code: 1000)
                    }
                    #expect(await handler.close()?.code == 1000)
                }
                await blocking {
                    for index in 0..<200 {
                        let client = RawClient(port: harness.port)
                        if index % 2 == 0 { client.send(Self.request) } else { _ = client.openWebSocket() }
                        if index % 3 == 0 { client.reset() }
                    }
                }
                await harness.untilNoConnectionIsOpen()
                await harness.loop.run { loop in
                    for _ in 0..<100 {
                        guard let target = try? WebSocketTarget(url: harness.url) else { return }
                        loop.connect(target, handler: RecordingHandler()).close(code: 1000)
                    }
                }
                await harness.untilNoConnectionIsOpen()
            }
            #expect(live?.counts == ["webSockets": 0, "links": 0, "connections": 0])
        }
    }
}
