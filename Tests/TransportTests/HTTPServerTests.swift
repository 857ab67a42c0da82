import Foundation
import Synchronization
import Testing

@testable import Transport

extension Loopback {
    struct HTTPServerTests {
        private static let quick: @Sendable (inout ServerConfiguration) -> Void = {
            $0.handshakeTimeout = .milliseconds(150)
            $0.bodyTimeout = .milliseconds(150)
            $0.writeTimeout = .milliseconds(150)
        }

        private func exchange(_ port: Int, _ request: String) async -> String {
            await raw(port) { client in
                client.send(request)
                return client.receiveAll()
            }
        }

        @Test func `bodies by length and in chunks reach the application`() async throws {
            try await Harness.run { harness in
                let byLength = await self.exchange(
                    harness.port, "PUT /a HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello")
                #expect(byLength.hasSuffix("\r\n\r\nPUT /a hello"))
                let chunked = await self.exchange(
                    harness.port,
                    "POST /b HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")
                #expect(chunked.hasSuffix("\r\n\r\nPOST /b hello"))
                #expect(chunked.contains("\r\nconnection: close\r\n"))
            }
        }

        @Test func `a body that comes slowly and in pieces is whole`() async throws {
            try await Harness.run(TestApplication(limit: 200_000)) { harness in
                let answer = await raw(harness.port) { client in
                    client.send("POST /c HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n\r\n")
                    for _ in 0..<20 { client.send(Array(repeating: 0x61, count: 10_000)) }
                    return client.receiveAll()
                }
                #expect(answer.utf8.count { $0 == 0x61 } >= 200_000)
            }
        }

        @Test func `a body over the limit is refused before it is read, and the refusal arrives`() async throws {
            try await Harness.run(TestApplication(limit: 100)) { harness in
                let announced = await raw(harness.port) { client in
                    client.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 300000\r\n\r\n")
                    client.send(Array(repeating: 0x61, count: 300_000))
                    return client.receiveAll()
                }
                #expect(announced.hasPrefix("HTTP/1.1 413 "))
                #expect(announced.hasSuffix(#""message":"the body exceeds 100 bytes"}"#))
                let chunked = await self.exchange(
                    harness.port, "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n65\r\n")
                #expect(chunked.hasPrefix("HTTP/1.1 413 "))
            }
        }

        @Test func `a client that asks whether to go on is told so`() async throws {
            try await Harness.run { harness in
                let (interim, answer) = await raw(harness.port) { client in
                    client.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n")
                    let interim = client.receiveHead()
                    client.send("ok")
                    return (interim, client.receiveAll())
                }
                #expect(interim == "HTTP/1.1 100 Continue\r\n\r\n")
                #expect(answer.hasSuffix("POST / ok"))
            }
        }

        @Test func `HEAD has no body and unknown methods are the application's to judge`() async throws {
            try await Harness.run { harness in
                let head = await self.exchange(harness.port, "HEAD /x HTTP/1.1\r\nhost: x\r\n\r\n")
                #expect(head.contains("\r\ncontent-length: 8\r\n"))
                #expect(head.hasSuffix("\r\n\r\n"))
                #expect(await self.exchange(harness.port, "BREW / HTTP/1.1\r\nhost: x\r\n\r\n").hasSuffix("BREW / "))
                #expect(await self.exchange(harness.port, "GET /old HTTP/1.0\r\n\r\n").hasSuffix("GET /old "))
            }
        }

        @Test func `a pipelined second request is thrown away and harms nothing`() async throws {
            try await Harness.run { harness in
                let request = "POST /one HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n1"
                let answer = await self.exchange(harness.port, request + request + request)
                #expect(answer.components(separatedBy: "HTTP/1.1 200").count == 2)
            }
        }

        @Test func `a head too large gets 431`() async throws {
            try await Harness.run { harness in
                let request = "GET / HTTP/1.1\r\nhost: x\r\nx: \(String(repeating: "y", count: 40_000))\r\n\r\n"
                #expect(await self.exchange(harness.port, request).hasPrefix("HTTP/1.1 431 "))
            }
        }

        @Test func `a header that would begin another becomes an error`() async throws {
            let application = TestApplication(respond: { _ in
                HTTPResponse(status: 200, headers: [("x", "a\r\nset-cookie: b")])
            })
            try await Harness.run(application) { harness in
                let answer = await self.exchange(harness.port, "GET / HTTP/1.1\r\nhost: x\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 500 "))
                #expect(!answer.contains("set-cookie"))
            }
        }

        // MARK: Slow clients

        @Test(arguments: [
            "", "GET / HT", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc",
            "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\na",
        ]) func `a client that does not finish its request is dropped`(request: String) async throws {
            try await Harness.run(configure: Self.quick) { harness in
                let answer = await self.exchange(harness.port, request)
                #expect(answer.isEmpty == request.isEmpty)
                if !request.isEmpty { #expect(answer.hasPrefix("HTTP/1.1 408 ")) }
            }
        }

        @Test func `a client that does not take its answer is dropped`() async throws {
            let application = TestApplication(respond: { _ in
                HTTPResponse(status: 200, body: .bytes(Array(repeating: 1, count: 8 << 20)))
            })
            try await Harness.run(application, configure: Self.quick) { harness in
                let client = RawClient(port: harness.port, receiveBufferBytes: 4_096)
                await blocking { _ = client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n") }
                await harness.untilNoConnectionIsOpen()
                #expect(harness.server.openConnections == 0)
            }
        }

        // MARK: Streams

        @Test func `a stream comes in chunks and ends`() async throws {
            let application = TestApplication(respond: { _ in
                HTTPResponse(
                    status: 200,
                    body: .stream { writer in
                        try await writer.write("one")
                        try await writer.write("")
                        try await writer.write("two")
                    })
            })
            try await Harness.run(application) { harness in
                let chunked = await self.exchange(harness.port, "GET / HTTP/1.1\r\nhost: x\r\n\r\n")
                #expect(chunked.hasSuffix("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"))
                let old = await self.exchange(harness.port, "GET / HTTP/1.0\r\n\r\n")
                #expect(old.hasSuffix("\r\n\r\nonetwo"))
            }
        }

        @Test func `a stream that fails does not look complete`() async throws {
            struct Broken: Error {}
            let application = TestApplication(respond: { _ in
                HTTPResponse(
                    status: 200,
                    body: .stream { writer in
                        try await writer.write("half")
                        throw Broken()
                    })
            })
            try await Harness.run(application) { harness in
                let answer = await self.exchange(harness.port, "GET / HTTP/1.1\r\nhost: x\r\n\r\n")
                #expect(!answer.hasSuffix("0\r\n\r\n"))
            }
        }

        @Test func `the writer of a stream waits for a reader that is slow`() async throws {
            let written = Mutex(0)
            let (waits, waiting) = AsyncStream<Void>.makeStream()
            let application = TestApplication(respond: { _ in
                HTTPResponse(
                    status: 200,
                    body: .stream { writer in
                        for _ in 0..<400 {
                            waiting.yield()
                            try await writer.write(Array(repeating: 0x7A, count: 10_000))
                            written.withLock { $0 += 10_000 }
                        }
                    })
            })
            try await Harness.run(application) { harness in
                let client = RawClient(port: harness.port, receiveBufferBytes: 4_096)
                await blocking { _ = client.send("GET / HTTP/1.0\r\n\r\n") }
                var iterator = waits.makeAsyncIterator()
                for _ in 0..<8 { _ = await iterator.next() }
                // Served from first to last after the writer began: whatever it could write by then, it has.
                _ = await self.exchange(harness.port, "GET / HTTP/1.0\r\n\r\n")
                #expect(written.withLock { $0 } < 8_000_000)
                let total = await blocking { client.receiveAll().utf8.count { $0 == 0x7A } }
                #expect(total == 4_000_000)
            }
        }

        @Test func `a client that leaves cancels its request`() async throws {
            let (events, log) = AsyncStream<String>.makeStream()
            let application = TestApplication(respond: { _ in
                log.yield("began")
                await withTaskCancellationHandler {
                    for await _ in AsyncStream<Void>.makeStream().stream {}
                } onCancel: {
                    log.yield("cancelled")
                }
                return HTTPResponse(status: 200)
            })
            try await Harness.run(application) { harness in
                var iterator = events.makeAsyncIterator()
                let client = RawClient(port: harness.port)
                await blocking { _ = client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n") }
                #expect(await iterator.next() == "began")
                client.reset()
                #expect(await iterator.next() == "cancelled")
            }
        }

        @Test func `the writer of a stream hears that its client left`() async throws {
            let (events, log) = AsyncStream<TransportError.Code?>.makeStream()
            let application = TestApplication(respond: { _ in
                HTTPResponse(
                    status: 200,
                    body: .stream { writer in
                        do {
                            while true { try await writer.write(Array(repeating: 0, count: 50_000)) }
                        } catch {
                            log.yield((error as? TransportError)?.code)
                        }
                    })
            })
            try await Harness.run(application) { harness in
                let client = RawClient(port: harness.port)
                await blocking {
                    client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n")
                    _ = client.receiveHead()
                    client.reset()
                }
                var iterator = events.makeAsyncIterator()
                #expect(await iterator.next() == .connectionClosed)
            }
        }
    }
}
