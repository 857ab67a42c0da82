import Foundation
import Testing

@testable import Transport

extension Loopback {
    /// Encryption on both sides.
    struct TLSTests {
        private func withServer(
            _ application: TestApplication = TestApplication(), name: String = "DNS:localhost",
            _ body: (Harness, Certificate) async throws -> Void
        ) async throws {
            let certificate = try Certificate(for: name)
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

        @Test(arguments: [("IP:127.0.0.1", true), ("DNS:127.0.0.1", false), ("IP:127.0.0.2", false)])
        func `an address is looked for among the certificate's addresses`(name: String, opens: Bool) async throws {
            try await self.withServer(name: name) { harness, certificate in
                let (handler, socket) = try await self.connect(
                    harness, "127.0.0.1", authority: certificate.certificateFile)
                #expect((await handler.next() == .opened) == opens)
                withExtendedLifetime(socket) {}
            }
        }

        @Test func `a peer that goes in the midst of the handshake may be tried again`() async throws {
            let listener = RawListener()
            try await Harness.run { harness in
                let handler = RecordingHandler()
                let target = try WebSocketTarget(url: "wss://localhost:\(listener.port)/")
                let socket = await harness.connect(target, handler)
                let hello = await blocking {
                    let peer = listener.accept()
                    return peer.receive()
                }
                // A handshake record, and in it the name that is asked for.
                #expect(hello.first == 0x16)
                #expect(hello.indices.contains { hello[$0...].starts(with: "localhost".utf8) })
                guard case .connectFailed(let error) = await handler.close()?.cause else {
                    Issue.record("the connection opened")
                    return
                }
                #expect(error.code == .handshake)
                #expect(error.isRetriable)
                withExtendedLifetime(socket) {}
            }
        }

        @Test func `an authority file that cannot be read fails the connection`() async throws {
            try await Harness.run { harness in
                let (handler, socket) = try await self.connect(harness, "localhost", authority: "/nonexistent.pem")
                guard case .connectFailed(let error) = await handler.close()?.cause else {
                    Issue.record("the connection opened")
                    return
                }
                #expect(error.code == .tls)
                withExtendedLifetime(socket) {}
            }
        }

        @Test func `a server that does not speak TLS is never spoken to in the clear`() async throws {
            try await Harness.run { harness in
                let (handler, socket) = try await self.connect(harness, "localhost", authority: nil)
                guard case .connectFailed(let error) = await handler.close()?.cause else {
                    Issue.record("the connection opened")
                    return
                }
                #expect(error.code == .tls)
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
