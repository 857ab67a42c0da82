import Foundation
import Observability
import Synchronization
import Testing

@testable import Transport

extension Loopback {
    /// The client against the project's own server.
    struct HTTPClientTests {
        private func withClient(
            _ application: TestApplication = TestApplication(), certificate: Certificate? = nil, trusts: Bool = true,
            _ configure: (inout HTTPClientConfiguration) -> Void = { _ in },
            _ body: (HTTPClient, Harness) async throws -> Void
        ) async throws {
            try await Harness.run(application) {
                guard let certificate else { return }
                $0.tls = .init(certificateFile: certificate.certificateFile, keyFile: certificate.keyFile)
            } _: { harness in
                var configuration = HTTPClientConfiguration()
                configuration.timeout = .seconds(10)
                if trusts { configuration.certificateAuthorityFile = certificate?.certificateFile }
                configure(&configuration)
                let client = try HTTPClient(configuration: configuration, log: .disabled, metrics: harness.metrics)
                do {
                    try await body(client, harness)
                } catch {
                    await client.shutdown()
                    throw error
                }
                await client.shutdown()
            }
        }

        private func error(_ work: () async throws(HTTPClientError) -> Void) async -> HTTPClientError? {
            do throws(HTTPClientError) {
                try await work()
                return nil
            } catch {
                return error
            }
        }

        @Test func `a request is sent with method, fields and body`() async throws {
            let echo = TestApplication(respond: { request in
                HTTPResponse(
                    status: 201, headers: [("x-got", request.head.headers["x-sent"] ?? "")],
                    body: .bytes(Array("\(request.head.method) \(request.head.path) ".utf8) + request.body))
            })
            try await self.withClient(echo) { client, harness in
                let url = "http://127.0.0.1:\(harness.port)/v1/x"
                for method in ["POST", "PUT", "PATCH", "DELETE"] {
                    let answer = try await client.send(
                        HTTPClientRequest(
                            url, method: method, headers: [("X-Sent", "yes")], body: .bytes(Array("body".utf8))))
                    #expect(answer.status == 201 && answer.headers["X-Got"] == "yes")
                    #expect(String(decoding: answer.body, as: UTF8.self) == "\(method) /v1/x body")
                }
                let answer = try await client.send(HTTPClientRequest(url, method: "POST"))
                #expect(String(decoding: answer.body, as: UTF8.self) == "POST /v1/x ")
                let answered = try await client.send(HTTPClientRequest(url, method: "HEAD"))
                #expect(answered.body.isEmpty)
            }
        }

        @Test func `every status is an answer`() async throws {
            let application = TestApplication(respond: { _ in HTTPResponse(status: 503, body: .bytes([1])) })
            try await self.withClient(application) { client, harness in
                for _ in 0..<5 {
                    let answer = try await client.send(HTTPClientRequest("http://127.0.0.1:\(harness.port)/"))
                    #expect(answer.status == 503)
                }
                let text = harness.metrics.prometheusText()
                #expect(text.contains(#"vaani_http_client_requests_total{host="127.0.0.1",outcome="5xx"} 5"#))
            }
        }

        @Test func `a large body goes both ways`() async throws {
            let application = TestApplication(
                limit: 4 << 20,
                respond: {
                    HTTPResponse(status: 200, body: .bytes($0.body))
                })
            try await self.withClient(application) { client, harness in
                let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                let answer = try await client.send(
                    HTTPClientRequest("http://localhost:\(harness.port)/", method: "POST", body: .bytes(body)))
                #expect(answer.body == body)
            }
        }

        @Test func `a form arrives with its type`() async throws {
            let application = TestApplication(respond: { request in
                HTTPResponse(
                    status: 200, headers: [("x-type", request.head.headers["content-type"] ?? "")],
                    body: .bytes(request.body))
            })
            try await self.withClient(application) { client, harness in
                var form = MultipartForm()
                form.add("file", file: "a.wav", type: "audio/wav", content: [1, 2, 3])
                let answer = try await client.send(
                    HTTPClientRequest(
                        "http://127.0.0.1:\(harness.port)/", method: "POST", headers: [("Content-Type", "other")],
                        body: .form(form)))
                #expect(answer.headers["x-type"] == form.contentType)
                #expect(answer.body == form.encoded)
            }
        }

        @Test func `pieces are handed out as they come`() async throws {
            let (goOn, signal) = AsyncStream<Void>.makeStream()
            let application = TestApplication(respond: { _ in
                HTTPResponse(
                    status: 200,
                    body: .stream { writer in
                        try await writer.write("first")
                        var iterator = goOn.makeAsyncIterator()
                        await iterator.next()
                        try await writer.write("second")
                    })
            })
            try await self.withClient(application) { client, harness in
                let stream = try await client.stream(HTTPClientRequest("http://127.0.0.1:\(harness.port)/"))
                var pieces = stream.makeAsyncIterator()
                #expect(try await pieces.next() == Array("first".utf8))
                signal.yield()
                #expect(try await pieces.next() == Array("second".utf8))
                #expect(try await pieces.next() == nil)
                #expect(try await pieces.next() == nil)
            }
        }

        @Test func `a reader that pauses holds the writer up, and then gets everything`() async throws {
            let written = Atomic<Int>(0)
            let total = 24 << 20
            let counted = Counted(written)
            let application = TestApplication(respond: { _ in
                HTTPResponse(
                    status: 200,
                    body: .stream { writer in
                        for start in stride(from: 0, to: total, by: 1 << 16) {
                            try await writer.write(
                                Array(repeating: UInt8(truncatingIfNeeded: start >> 16), count: 1 << 16))
                            counted.add(1 << 16)
                        }
                    })
            })
            try await self.withClient(application, { $0.maxResponseBytes = 32 << 20 }) { client, harness in
                let stream = try await client.stream(HTTPClientRequest("http://127.0.0.1:\(harness.port)/"))
                // The kernel's buffers fill up and the writer stands still: the same count for a while means just that.
                var seen = -1
                var unchanged = 0
                while unchanged < 2_000 {
                    let now = counted.value
                    unchanged = now == seen && now > 0 ? unchanged + 1 : 0
                    seen = now
                    await harness.loop.run { _ in }
                }
                #expect(seen < total)
                var received = 0
                for try await piece in stream { received += piece.count }
                #expect(received == total)
            }
        }

        @Test func `whoever lets go of an answer ends the transfer`() async throws {
            let (gone, signal) = AsyncStream<Void>.makeStream()
            let application = TestApplication(respond: { _ in
                HTTPResponse(
                    status: 200,
                    body: .stream { writer in
                        defer { signal.yield() }
                        while true { try await writer.write(Array(repeating: 1, count: 4_096)) }
                    })
            })
            try await self.withClient(application) { client, harness in
                for try await _ in try await client.stream(HTTPClientRequest("http://127.0.0.1:\(harness.port)/")) {
                    break
                }
                var iterator = gone.makeAsyncIterator()
                await iterator.next()
                #expect(await self.outcome("cancelled", harness) == 1)
            }
        }

        @Test func `cancelling the task ends the wait for a head and for a body`() async throws {
            for waitsForHead in [true, false] {
                let (begun, signal) = AsyncStream<Void>.makeStream()
                let application = TestApplication(respond: { _ in
                    if waitsForHead {
                        signal.yield()
                        try? await Task.sleep(for: .seconds(60))
                    }
                    return HTTPResponse(
                        status: 200,
                        body: .stream { writer in
                            try await writer.write("x")
                            signal.yield()
                            try await Task.sleep(for: .seconds(60))
                        })
                })
                try await self.withClient(application) { client, harness in
                    let task = Task { () -> HTTPClientError? in
                        await self.error { () async throws(HTTPClientError) in
                            _ = try await client.send(HTTPClientRequest("http://127.0.0.1:\(harness.port)/"))
                        }
                    }
                    var iterator = begun.makeAsyncIterator()
                    await iterator.next()
                    task.cancel()
                    #expect(await task.value?.code == .cancelled)
                    await harness.untilNoConnectionIsOpen()
                }
            }
        }

        @Test func `a task that is cancelled already asks nobody`() async throws {
            try await self.withClient { client, harness in
                let task = Task { () -> HTTPClientError? in
                    withUnsafeCurrentTask { $0?.cancel() }
                    return await self.error { () async throws(HTTPClientError) in
                        _ = try await client.send(HTTPClientRequest("http://127.0.0.1:\(harness.port)/"))
                    }
                }
                #expect(await task.value?.code == .cancelled)
                #expect(harness.server.openConnections == 0)
            }
        }

        @Test func `so many requests go to a host at once, and the others wait for their turn`() async throws {
            let gauge = Crowd()
            let application = TestApplication(respond: { _ in
                await gauge.enter()
                return HTTPResponse(status: 200)
            })
            try await self.withClient(application, { $0.maxConcurrentPerHost = 3 }) { client, harness in
                let url = "http://127.0.0.1:\(harness.port)/"
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<12 { group.addTask { try await client.send(HTTPClientRequest(url)).status } }
                    for try await status in group { #expect(status == 200) }
                }
                #expect(await gauge.most <= 3)
            }
        }

        @Test func `requests beyond the client's limit are refused, not queued`() async throws {
            let application = TestApplication(respond: { _ in
                try? await Task.sleep(for: .seconds(60))
                return HTTPResponse(status: 200)
            })
            try await self.withClient(application, { ($0.maxRequests, $0.maxConcurrentPerHost) = (2, 1) }) {
                client, harness in
                let url = "http://127.0.0.1:\(harness.port)/"
                let held = (0..<2).map { _ in Task { try? await client.send(HTTPClientRequest(url)) } }
                while !harness.metrics.prometheusText().contains("vaani_http_client_active 2") { await Task.yield() }
                let error = await self.error { () async throws(HTTPClientError) in
                    _ = try await client.send(HTTPClientRequest(url))
                }
                #expect(error?.code == .busy && error?.isRetriable == true)
                for task in held { task.cancel() }
                for task in held { _ = await task.value }
            }
        }

        @Test func `a name or a turn that does not come in time is a timeout`() async throws {
            let application = TestApplication(respond: { _ in
                try? await Task.sleep(for: .seconds(60))
                return HTTPResponse(status: 200)
            })
            try await self.withClient(application, { $0.maxConcurrentPerHost = 1 }) { client, harness in
                let url = "http://127.0.0.1:\(harness.port)/"
                async let first = self.error { () async throws(HTTPClientError) in
                    var request = HTTPClientRequest(url)
                    request.timeout = .milliseconds(300)
                    _ = try await client.send(request)
                }
                async let second = self.error { () async throws(HTTPClientError) in
                    var request = HTTPClientRequest(url)
                    request.timeout = .milliseconds(100)
                    _ = try await client.send(request)
                }
                let errors = [await first, await second]
                #expect(errors.allSatisfy { $0?.code == .timeout && $0?.isRetriable == true }, "\(errors)")
            }
        }

        @Test func `a resolver that hangs costs no more than the connect timeout`() async throws {
            let metrics = MetricsRegistry()
            let (released, release) = AsyncStream<Void>.makeStream()
            let gate = DispatchSemaphore(value: 0)
            let resolver = Resolver { _, _ in
                gate.wait()
                release.finish()
                return .success(["127.0.0.1"])
            }
            var configuration = HTTPClientConfiguration()
            configuration.connectTimeout = .milliseconds(50)
            let client = try HTTPClient(
                configuration: configuration, log: .disabled, metrics: metrics, resolver: resolver)
            let error = await self.error { () async throws(HTTPClientError) in
                _ = try await client.send(HTTPClientRequest("http://slow.example/"))
            }
            #expect(error?.code == .timeout)
            gate.signal()
            for await _ in released {}
            await client.shutdown()
        }

        @Test func `a name is looked up once for many requests`() async throws {
            let lookUps = Counted(Atomic<Int>(0))
            let resolver = Resolver { _, _ in
                lookUps.add(1)
                return .success(["127.0.0.1"])
            }
            try await Harness.run { harness in
                let client = try HTTPClient(
                    configuration: HTTPClientConfiguration(), log: .disabled, metrics: harness.metrics,
                    resolver: resolver)
                for _ in 0..<3 {
                    let answer = try await client.send(HTTPClientRequest("http://Model.Example:\(harness.port)/"))
                    #expect(answer.status == 200)
                }
                #expect(lookUps.value == 1)
                await client.shutdown()
            }
        }

        @Test func `what cannot be reached is told by its class`() async throws {
            let free = RawListener().port
            try await self.withClient { client, _ in
                let refused = await self.error { () async throws(HTTPClientError) in
                    _ = try await client.send(HTTPClientRequest("http://127.0.0.1:\(free)/path?key=secret"))
                }
                #expect(refused?.code == .connect && refused?.isRetriable == true)
                #expect(refused?.message.contains("127.0.0.1:\(free)") == true)
                #expect(refused.map { "\($0)".contains("secret") || "\($0)".contains("path") } == false)
                let unknown = await self.error { () async throws(HTTPClientError) in
                    _ = try await client.send(HTTPClientRequest("http://nobody.invalid/"))
                }
                #expect(unknown?.code == .dns)
            }
        }

        @Test func `the environment's proxy does not count, a configured one does`() async throws {
            setenv("http_proxy", "http://127.0.0.1:9", 1)
            defer { unsetenv("http_proxy") }
            let application = TestApplication(respond: {
                HTTPResponse(status: 200, body: .bytes(Array($0.head.path.utf8)))
            })
            try await self.withClient(application) { client, harness in
                let url = "http://127.0.0.1:\(harness.port)/direct"
                let answered = try await client.send(HTTPClientRequest(url))
                #expect(answered.body == Array("/direct".utf8))
            }
            let peer = RawListener()
            let asked = Task {
                await blocking { () -> String in
                    let proxy = peer.accept()
                    let head = proxy.receiveHead()
                    proxy.send("HTTP/1.1 204 Done\r\n\r\n")
                    return head
                }
            }
            try await self.withClient(configureProxy(peer.port)) { client, _ in
                let answered = try await client.send(HTTPClientRequest("http://model.example/x"))
                #expect(answered.status == 204)
            }
            #expect(await asked.value.hasPrefix("GET http://model.example/x HTTP/1.1\r\n"))
        }

        private func withClient(
            _ configure: (inout HTTPClientConfiguration) -> Void, _ body: (HTTPClient, Harness) async throws -> Void
        ) async throws {
            try await self.withClient(TestApplication(), configure, body)
        }

        private func configureProxy(_ port: Int) -> (inout HTTPClientConfiguration) -> Void {
            { $0.proxy = "http://127.0.0.1:\(port)" }
        }

        @Test func `a redirect is handed over, or followed as far as allowed`() async throws {
            let application = TestApplication(respond: { request in
                let count = Int(request.head.path.dropFirst()) ?? 0
                guard count > 0 else {
                    return HTTPResponse(
                        status: 200, body: .bytes(Array((request.head.headers["authorization"] ?? "-").utf8)))
                }
                return HTTPResponse(status: 302, headers: [("location", "/\(count - 1)")])
            })
            try await self.withClient(application) { client, harness in
                var request = HTTPClientRequest(
                    "http://127.0.0.1:\(harness.port)/3", headers: [("Authorization", "Bearer k")])
                let answered = try await client.send(request)
                #expect(answered.status == 302)
                request.maxRedirects = 3
                let answer = try await client.send(request)
                #expect(answer.status == 200 && answer.body == Array("Bearer k".utf8))
                request.maxRedirects = 2
                let error = await self.error { () async throws(HTTPClientError) in _ = try await client.send(request) }
                #expect(error?.code == .protocol)
            }
        }

        @Test func `a credential does not follow to another host`() async throws {
            let target = TestApplication(respond: {
                HTTPResponse(status: 200, body: .bytes(Array(($0.head.headers["authorization"] ?? "-").utf8)))
            })
            try await Harness.run(target) { second in
                let place = "http://localhost:\(second.port)/"
                let first = TestApplication(respond: { _ in HTTPResponse(status: 307, headers: [("location", place)]) })
                try await self.withClient(first) { client, harness in
                    var request = HTTPClientRequest(
                        "http://127.0.0.1:\(harness.port)/", headers: [("Authorization", "Bearer k")])
                    request.maxRedirects = 1
                    let answered = try await client.send(request)
                    #expect(answered.body == Array("-".utf8))
                }
            }
        }

        // MARK: TLS

        @Test func `an encrypted answer is taken from the host that the certificate names`() async throws {
            let certificate = try Certificate(for: "DNS:localhost")
            defer { certificate.remove() }
            try await self.withClient(certificate: certificate) { client, harness in
                let answer = try await client.send(HTTPClientRequest("https://localhost:\(harness.port)/x"))
                #expect(answer.status == 200)
            }
        }

        @Test(arguments: [("127.0.0.1", true), ("localhost", false)])
        func `a wrong name and an unknown authority are refused`(host: String, trusts: Bool) async throws {
            let certificate = try Certificate(for: "DNS:localhost")
            defer { certificate.remove() }
            try await self.withClient(certificate: certificate, trusts: trusts) { client, harness in
                let error = await self.error { () async throws(HTTPClientError) in
                    _ = try await client.send(HTTPClientRequest("https://\(host):\(harness.port)/x"))
                }
                #expect(error?.code == .tls && error?.isRetriable == false, "\(String(describing: error))")
            }
        }

        // MARK: The end

        @Test func `shutting down ends what is under way and what comes later`() async throws {
            let (begun, signal) = AsyncStream<Void>.makeStream()
            let application = TestApplication(respond: { _ in
                signal.yield()
                try? await Task.sleep(for: .seconds(60))
                return HTTPResponse(status: 200)
            })
            try await self.withClient(application) { client, harness in
                let request = HTTPClientRequest("http://127.0.0.1:\(harness.port)/")
                let task = Task {
                    await self.error { () async throws(HTTPClientError) in _ = try await client.send(request) }
                }
                var iterator = begun.makeAsyncIterator()
                await iterator.next()
                await client.shutdown()
                #expect(await task.value?.code == .cancelled)
                let later = await self.error { () async throws(HTTPClientError) in _ = try await client.send(request) }
                #expect(later?.code == .cancelled)
                #expect(harness.metrics.prometheusText().contains("vaani_http_client_active 0"))
            }
        }

        /// Waits until an outcome has been counted.
        private func outcome(_ name: String, _ harness: Harness) async -> Int {
            let line = "vaani_http_client_requests_total{host=\"127.0.0.1\",outcome=\"\(name)\"} "
            while true {
                for text in harness.metrics.prometheusText().split(separator: "\n") where text.hasPrefix(line) {
                    return Int(text.dropFirst(line.count)) ?? -1
                }
                await Task.yield()
            }
        }
    }

    private final class Counted: Sendable {
        private let count: Atomic<Int>
        init(_ count: consuming Atomic<Int>) { self.count = count }
        func add(_ amount: Int) { self.count.add(amount, ordering: .relaxed) }
        var value: Int { self.count.load(ordering: .relaxed) }
    }

    /// Counts who is inside at once.
    private actor Crowd {
        private var inside = 0
        private(set) var most = 0

        func enter() async {
            self.inside += 1
            self.most = max(self.most, self.inside)
            for _ in 0..<200 { await Task.yield() }
            self.inside -= 1
        }
    }
}
