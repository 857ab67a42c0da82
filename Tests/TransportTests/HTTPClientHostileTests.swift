import Foundation
import Observability
import Testing

@testable import Transport

extension Loopback {
    /// Peers made of a raw socket that answer as no server should.
    struct HTTPClientHostileTests {
        /// What comes of a request to a peer that does what `script` says on its first connection.
        private func answer(
            _ configure: (inout HTTPClientConfiguration) -> Void = { _ in },
            request change: (inout HTTPClientRequest) -> Void = { _ in },
            _ script: @escaping @Sendable (RawClient) -> Void
        ) async throws -> Result<HTTPClientResponse, HTTPClientError> {
            var configuration = HTTPClientConfiguration()
            configuration.timeout = .seconds(5)
            configure(&configuration)
            let peer = RawListener()
            let client = try HTTPClient(configuration: configuration, log: .disabled, metrics: MetricsRegistry())
            let serving = Task { await blocking { script(peer.accept()) } }
            var request = HTTPClientRequest("http://127.0.0.1:\(peer.port)/v1?key=secret")
            change(&request)
            let result: Result<HTTPClientResponse, HTTPClientError>
            do throws(HTTPClientError) {
                result = .success(try await client.send(request))
            } catch {
                result = .failure(error)
                #expect(!error.message.contains("secret") && !error.message.contains("canary"))
            }
            await client.shutdown()
            await serving.value
            return result
        }

        private func code(_ result: Result<HTTPClientResponse, HTTPClientError>) -> HTTPClientError.Code? {
            if case .failure(let error) = result { error.code } else { nil }
        }

        @Test(arguments: [
            "SSH-2.0-canary\r\n", "HTTP/0.9 canary", "\u{0}\u{1}\u{2}", "HTTP/1.1 abc\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: canary\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ncanary\r\n",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\ncanary",
        ])
        func `what is no HTTP is an error, and not quoted`(text: String) async throws {
            let result = try await self.answer { peer in
                _ = peer.receiveHead()
                peer.send(text)
                peer.finish()
            }
            #expect([.protocol, .connectionLost].contains(self.code(result)), "\(result)")
        }

        @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!"])
        func `a connection that breaks off is told as that`(text: String) async throws {
            let result = try await self.answer { peer in
                _ = peer.receiveHead()
                peer.send(text)
                peer.finish()
            }
            guard case .failure(let error) = result else { return #expect(Bool(false), "\(result)") }
            #expect(error.code == .connectionLost && error.isRetriable)
            #expect(error.status == (text.isEmpty ? nil : 200))
        }

        @Test func `header fields without end are given up`() async throws {
            let result = try await self.answer { peer in
                _ = peer.receiveHead()
                peer.send("HTTP/1.1 200 OK\r\n")
                while peer.send("X-Flood: \(String(repeating: "x", count: 1_000))\r\n") {}
            }
            #expect(self.code(result) == .tooLarge)
        }

        @Test func `interim answers without end are given up`() async throws {
            let result = try await self.answer { peer in
                _ = peer.receiveHead()
                while peer.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n") {}
            }
            #expect(self.code(result) == .tooLarge)
        }

        @Test(arguments: [true, false])
        func `a body beyond the limit is given up, announced or not`(isAnnounced: Bool) async throws {
            let result = try await self.answer(request: { $0.maxResponseBytes = 100_000 }) { peer in
                _ = peer.receiveHead()
                peer.send("HTTP/1.1 200 OK\r\n\(isAnnounced ? "Content-Length: 100001\r\n" : "")\r\n")
                while peer.send(Array(repeating: 1, count: 10_000)) {}
            }
            #expect(self.code(result) == .tooLarge)
        }

        @Test func `a bomb of gzip is measured when it is unpacked`() async throws {
            let bomb = try Self.gzip(bytes: 64 << 20)
            #expect(bomb.count < 100_000)
            let result = try await self.answer({ $0.maxResponseBytes = 1 << 20 }) { peer in
                _ = peer.receiveHead()
                peer.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(bomb.count)\r\n\r\n")
                peer.send(bomb)
            }
            #expect(self.code(result) == .tooLarge)
        }

        @Test func `an honest gzip is unpacked`() async throws {
            let packed = try Self.gzip(bytes: 300_000)
            let result = try await self.answer { peer in
                let head = peer.receiveHead()
                #expect(head.contains("Accept-Encoding: gzip, deflate\r\n"))
                peer.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n")
                peer.send(packed)
            }
            #expect(try result.get().body == Array(repeating: 0, count: 300_000))
        }

        @Test func `a peer that says nothing is a timeout, and so is one that drips`() async throws {
            let silent = try await self.answer(request: { $0.timeout = .milliseconds(200) }) { peer in
                _ = peer.receiveHead()
                _ = peer.receive()
            }
            #expect(self.code(silent) == .timeout)
            let dripping = try await self.answer({
                ($0.slowTimeout, $0.minBytesPerSecond) = (.seconds(1), 100)
            }) { peer in
                _ = peer.receiveHead()
                peer.send("HTTP/1.1 200 OK\r\n\r\nx")
                _ = peer.receive()
            }
            #expect(self.code(dripping) == .timeout)
        }

        @Test func `a TLS handshake that never ends is a timeout`() async throws {
            let peer = RawListener()
            var configuration = HTTPClientConfiguration()
            configuration.connectTimeout = .milliseconds(200)
            let client = try HTTPClient(configuration: configuration, log: .disabled, metrics: MetricsRegistry())
            await #expect { _ = try await client.send(HTTPClientRequest("https://127.0.0.1:\(peer.port)/")) } throws: {
                ($0 as? HTTPClientError)?.code == .timeout
            }
            await client.shutdown()
        }

        @Test func `a peer that is no TLS is told as that`() async throws {
            let peer = RawListener()
            let client = try HTTPClient(log: .disabled, metrics: MetricsRegistry())
            let serving = Task {
                await blocking {
                    let raw = peer.accept()
                    raw.send("HTTP/1.1 400 Bad\r\n\r\n")
                    _ = raw.receive()
                }
            }
            await #expect { _ = try await client.send(HTTPClientRequest("https://127.0.0.1:\(peer.port)/")) } throws: {
                ($0 as? HTTPClientError)?.code == .tls
            }
            await client.shutdown()
            await serving.value
        }

        @Test func `a connection is used again, and dialled anew when the peer has closed it`() async throws {
            let peer = RawListener()
            let client = try HTTPClient(log: .disabled, metrics: MetricsRegistry())
            let serving = Task {
                await blocking {
                    for (index, count) in [3, 1].enumerated() {
                        let raw = peer.accept()
                        for _ in 0..<count {
                            _ = raw.receiveHead()
                            raw.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(index)")
                        }
                    }
                }
            }
            var bodies: [UInt8] = []
            for _ in 0..<4 {
                bodies += try await client.send(HTTPClientRequest("http://127.0.0.1:\(peer.port)/")).body
            }
            #expect(bodies == Array("0001".utf8))
            await client.shutdown()
            await serving.value
        }

        @Test func `nothing is sent that nobody asked for`() async throws {
            let (heads, feed) = AsyncStream<String>.makeStream()
            _ = try await self.answer(request: {
                ($0.method, $0.headers, $0.body) = ("POST", [("X-A", ""), ("Authorization", "Bearer k")], .bytes([1]))
            }) { peer in
                feed.yield(peer.receiveHead())
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
            var iterator = heads.makeAsyncIterator()
            let head = try #require(await iterator.next())
            let names = head.split(separator: "\r\n").dropFirst().map { String($0.prefix { $0 != ":" }) }
            #expect(
                Set(names) == [
                    "Host", "User-Agent", "Accept", "Accept-Encoding", "X-A", "Authorization", "Content-Length",
                ],
                "\(names)")
            #expect(head.hasPrefix("POST /v1?key=secret HTTP/1.1\r\n"))
        }

        /// Zeros, packed by the system's gzip.
        private static func gzip(bytes count: Int) throws -> [UInt8] {
            let gzip = Process()
            gzip.executableURL = URL(filePath: "/bin/sh")
            gzip.arguments = ["-c", "head -c \(count) /dev/zero | gzip -9"]
            let pipe = Pipe()
            gzip.standardOutput = pipe
            try gzip.run()
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            gzip.waitUntilExit()
            return [UInt8](data)
        }
    }
}
