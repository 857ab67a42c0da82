import Foundation
import Synchronization
import Testing

@testable import Transport

extension Loopback {
    /// A server's WebSockets on loopback, with peers that keep the rules and peers that do not.
    struct WebSocketServerTests {
        // MARK: Messages

        @Test func `text and binary come back as they were sent`() async throws {
            try await Harness.run { harness in
                let handler = RecordingHandler()
                let socket = try await harness.openClient(handler)
                await harness.loop.run { _ in
                    #expect(socket.send(text: Array("नमस्ते".utf8)) == .sent)
                    #expect(socket.send(binary: [0, 1, 255]) == .sent)
                    #expect(socket.send(text: []) == .sent)
                }
                #expect(await handler.next() == .text("नमस्ते"))
                #expect(await handler.next() == .binary([0, 1, 255]))
                #expect(await handler.next() == .text(""))
                await harness.loop.run { _ in socket.close(code: 1000, reason: "bye") }
                #expect(await handler.close() == WebSocketClose(code: 1000, reason: "bye", cause: .local))
            }
        }

        @Test func `a megabyte comes back whole, both ways through full buffers`() async throws {
            try await Harness.run { harness in
                let handler = RecordingHandler()
                let socket = try await harness.openClient(handler)
                let message = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                _ = await harness.loop.run { _ in socket.send(binary: message) }
                var event = await handler.next()
                while event == .drained { event = await handler.next() }
                #expect(event == .binary(message))
            }
        }

        @Test func `fragments and a ping between them make one message`() async throws {
            try await Harness.run { harness in
                let frames = await raw(harness.port) { client in
                    _ = client.openWebSocket()
                    client.sendFrame(.text, Array("a".utf8), isFinal: false)
                    client.sendFrame(.ping, Array("p".utf8))
                    client.sendFrame(.continuation, [], isFinal: false)
                    client.sendFrame(.continuation, Array("b".utf8))
                    return [client.receiveFrame()?.payload, client.receiveFrame()?.payload]
                }
                #expect(frames == [Array("p".utf8), Array("ab".utf8)])
            }
        }

        @Test func `a message that came with the handshake is not lost`() async throws {
            try await Harness.run { harness in
                let payload = await raw(harness.port) { client in
                    client.send(Array(RawClient.upgrade().utf8) + RawClient.frame(.text, Array("early".utf8)))
                    _ = client.receiveHead()
                    return client.receiveFrame()?.payload
                }
                #expect(payload == Array("early".utf8))
            }
        }

        @Test func `each ping of a burst is answered`() async throws {
            try await Harness.run { harness in
                let pongs = await raw(harness.port) { client in
                    _ = client.openWebSocket()
                    for index in 0..<10 { client.sendFrame(.ping, [UInt8(index)]) }
                    return (0..<10).map { _ in client.receiveFrame()?.payload }
                }
                #expect(pongs == (0..<10).map { [UInt8($0)] })
            }
        }

        // MARK: What is refused

        struct Hostile: CustomTestStringConvertible, Sendable {
            let testDescription: String
            let bytes: [UInt8]
            let code: Int
        }

        @Test(arguments: [
            Hostile(testDescription: "over-size", bytes: [0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0], code: 1009),
            Hostile(
                testDescription: "longest length", bytes: [0x82, 0xFF, 0x7F] + Array(repeating: 0xFF, count: 11),
                code: 1009
            ),
            Hostile(testDescription: "unmasked", bytes: RawClient.frame(.text, [0x61], masked: false), code: 1002),
            Hostile(testDescription: "not minimal", bytes: [0x81, 0xFE, 0, 1, 0, 0, 0, 0, 0x61], code: 1002),
            Hostile(testDescription: "reserved bit", bytes: [0xC1, 0x80, 0, 0, 0, 0], code: 1002),
            Hostile(testDescription: "reserved opcode", bytes: [0x83, 0x80, 0, 0, 0, 0], code: 1002),
            Hostile(testDescription: "bad UTF-8", bytes: RawClient.frame(.text, [0xC0, 0xAF]), code: 1007),
            Hostile(testDescription: "half a character", bytes: RawClient.frame(.text, [0xE0, 0xA4]), code: 1007),
            Hostile(testDescription: "close code 5000", bytes: RawClient.frame(.close, [0x13, 0x88]), code: 1002),
            Hostile(testDescription: "close of one byte", bytes: RawClient.frame(.close, [0x03]), code: 1002),
            Hostile(
                testDescription: "a flood of fragments",
                bytes: RawClient.frame(.text, [], isFinal: false)
                    + (0..<2_000).flatMap { _ in RawClient.frame(.continuation, [], isFinal: false) }, code: 1008),
            Hostile(
                testDescription: "a flood of pings", bytes: (0..<10_000).flatMap { _ in RawClient.frame(.ping, []) },
                code: 1008),
        ]) func `a peer that breaks the rules is told why`(hostile: Hostile) async throws {
            try await Harness.run(configure: {
                $0.maxMessageBytes = 65_536
            }) { harness in
                let close = await raw(harness.port) { client in
                    _ = client.openWebSocket()
                    client.send(hostile.bytes)
                    return client.receiveClose()
                }
                #expect(close?.code == hostile.code)
            }
        }

        @Test func `over-size is refused by its announced length while the rest is still coming`() async throws {
            let closed = RecordingHandler()
            let application = TestApplication(decide: { _, _ in .accept(closed, subprotocol: nil) })
            try await Harness.run(
                application,
                configure: {
                    $0.maxMessageBytes = 1_000
                }
            ) { harness in
                let reason = await raw(harness.port) { client in
                    _ = client.openWebSocket()
                    client.send(RawClient.frame(.binary, Array(repeating: 1, count: 500_000)))
                    return client.receiveClose()?.reason
                }
                #expect(reason == "message of 500000 bytes exceeds 1000")
                #expect(await closed.close()?.cause == .local)
            }
        }

        // MARK: Closing

        @Test(arguments: [1000, 1001, 1011, 1012, 1013, 4401]) func `a peer's close is answered with its code`(
            code: Int
        )
            async throws
        {
            let handler = RecordingHandler()
            let application = TestApplication(decide: { _, _ in .accept(handler, subprotocol: nil) })
            try await Harness.run(application) { harness in
                let echo = await raw(harness.port) { client in
                    _ = client.openWebSocket()
                    client.sendFrame(.close, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array("why".utf8))
                    let close = client.receiveClose()
                    #expect(client.receive().isEmpty)
                    return close?.code
                }
                #expect(echo == code)
                #expect(await handler.close() == WebSocketClose(code: code, reason: "why", cause: .peer))
            }
        }

        @Test(arguments: [1000, 1012, 1013, 4409]) func `a server's close reaches the peer with its reason`(code: Int)
            async throws
        {
            let handler = RecordingHandler { $0.close(code: code, reason: "because") }
            let application = TestApplication(decide: { _, _ in .accept(handler, subprotocol: nil) })
            try await Harness.run(application) { harness in
                let close = await raw(harness.port) { client in
                    _ = client.openWebSocket()
                    let close = client.receiveClose()
                    client.sendFrame(.close, [UInt8(code >> 8), UInt8(code & 0xFF)])
                    return close
                }
                #expect(close?.code == code)
                #expect(close?.reason == "because")
                #expect(await handler.close() == WebSocketClose(code: code, reason: "because", cause: .local))
            }
        }

        @Test func `what was queued is sent before the close frame`() async throws {
            let handler = RecordingHandler { socket in
                for _ in 0..<20 { socket.send(binary: Array(repeating: 7, count: 10_000)) }
                socket.close(code: 1000)
            }
            let application = TestApplication(decide: { _, _ in .accept(handler, subprotocol: nil) })
            try await Harness.run(application) { harness in
                let opcodes = await raw(harness.port) { client in
                    _ = client.openWebSocket()
                    return (0..<21).map { _ in client.receiveFrame()?.opcode }
                }
                #expect(opcodes == Array(repeating: 2, count: 20) + [8])
            }
        }

        @Test func `a peer that never answers the close is cut off`() async throws {
            let handler = RecordingHandler { $0.close(code: 1000) }
            let application = TestApplication(decide: { _, _ in .accept(handler, subprotocol: nil) })
            try await Harness.run(
                application,
                configure: {
                    $0.closeTimeout = .milliseconds(100)
                }
            ) { harness in
                let client = RawClient(port: harness.port)
                _ = await blocking { client.openWebSocket() }
                #expect(await handler.close()?.cause == .local)
                #expect(await blocking { client.receiveClose()?.code } == 1000)
            }
        }

        @Test(arguments: [true, false]) func `a peer that leaves without a word is 1006`(withReset: Bool) async throws {
            let handler = RecordingHandler()
            let application = TestApplication(decide: { _, _ in .accept(handler, subprotocol: nil) })
            try await Harness.run(application) { harness in
                await raw(harness.port) { client in
                    _ = client.openWebSocket()
                    if withReset { client.reset() }
                }
                #expect(await handler.close() == WebSocketClose(code: 1006, reason: "", cause: .reset))
            }
        }

        // MARK: Liveness

        @Test func `a peer that does not answer pings is dead, one that does lives`() async throws {
            let dead = RecordingHandler()
            let alive = RecordingHandler()
            let application = TestApplication(decide: { head, _ in
                .accept(head.path == "/dead" ? dead : alive, subprotocol: nil)
            })
            try await Harness.run(
                application,
                configure: {
                    $0.ping = .milliseconds(60)
                    $0.hangUp = .milliseconds(400)
                }
            ) { harness in
                let living = RawClient(port: harness.port)
                let silent = RawClient(port: harness.port)
                let pings = await blocking {
                    _ = living.openWebSocket("/alive")
                    _ = silent.openWebSocket("/dead")
                    // Ten pings answered take at least 600 ms, half as much again as silence is allowed.
                    return (0..<10).map { _ in
                        let frame = living.receiveFrame()
                        living.sendFrame(.pong, frame?.payload ?? [])
                        return frame?.opcode
                    }
                }
                #expect(pings == Array(repeating: 9, count: 10))
                #expect(await dead.close() == WebSocketClose(code: 1006, reason: "", cause: .timeout))
                await blocking { _ = living.sendFrame(.close, [0x03, 0xE8]) }
                #expect(await alive.close()?.cause == .peer)
            }
        }

        // MARK: Flow

        @Test func `a peer that does not read fills a bounded queue and later gets all that was accepted`() async throws
        {
            let handler = RecordingHandler()
            let application = TestApplication(decide: { _, _ in .accept(handler, subprotocol: nil) })
            try await Harness.run(
                application,
                configure: {
                    $0.maxQueuedBytes = 100_000
                }
            ) { harness in
                let client = await blocking {
                    let client = RawClient(port: harness.port, receiveBufferBytes: 4_096)
                    _ = client.openWebSocket()
                    return client
                }
                _ = await handler.next()
                let socket = try #require(handler.socket)
                let (accepted, buffered) = await harness.loop.run { _ in
                    var accepted = 0
                    while socket.send(binary: Array(repeating: 1, count: 10_000)) != .dropped { accepted += 1 }
                    return (accepted, socket.bufferedBytes)
                }
                #expect(buffered <= 100_000)
                // 32 KiB in this kernel buffer, 4 KiB in the peer's, and the queue; with room for the kernel's rounding.
                #expect(accepted < 60)
                #expect(harness.metrics.prometheusText().contains(#"vaani_send_dropped_total{side="server"} 1\#n"#))
                let received = await blocking {
                    (0..<accepted).reduce(0) { sum, _ in sum + (client.receiveFrame()?.payload.count ?? 0) }
                }
                #expect(received == accepted * 10_000)
                #expect(await handler.next() == .drained)
            }
        }

        @Test func `a paused socket delivers nothing until it is resumed`() async throws {
            let handler = RecordingHandler { $0.pauseReading() }
            let application = TestApplication(decide: { _, _ in .accept(handler, subprotocol: nil) })
            try await Harness.run(application) { harness in
                let client = await blocking {
                    let client = RawClient(port: harness.port)
                    _ = client.openWebSocket()
                    client.sendFrame(.text, Array("later".utf8))
                    return client
                }
                _ = await handler.next()
                let socket = try #require(handler.socket)
                // A second connection that is served from first to last shows that the loop has had its turns.
                _ = await raw(harness.port) { other in
                    other.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n")
                    return other.receiveAll()
                }
                await harness.loop.run { _ in
                    #expect(socket.send(text: Array("still writable".utf8)) == .sent)
                    socket.resumeReading()
                }
                #expect(await handler.next() == .text("later"))
                #expect(await blocking { client.receiveFrame()?.payload } == Array("still writable".utf8))
            }
        }

        @Test func `pausing within a message holds back those that came with it`() async throws {
            let pausing = PausingHandler()
            let application = TestApplication(decide: { _, _ in .accept(pausing, subprotocol: nil) })
            try await Harness.run(application) { harness in
                let client = await blocking {
                    let client = RawClient(port: harness.port)
                    _ = client.openWebSocket()
                    client.send((0..<50).flatMap { RawClient.frame(.text, Array("\($0)".utf8)) })
                    return client
                }
                for index in 0..<50 { #expect(await pausing.nextAndResume() == "\(index)") }
                #expect(pausing.mostWhilePaused == 0)
                _ = client
            }
        }
    }
}

/// Pauses after each message; the test resumes.
private final class PausingHandler: WebSocketHandler {
    private struct State {
        var socket: WebSocket?
        var isPaused = false
        var whilePaused = 0
    }

    private let recorder = RecordingHandler()
    private let state = Mutex(State())

    var mostWhilePaused: Int { self.state.withLock { $0.whilePaused } }

    func nextAndResume() async -> String? {
        guard case .text(let text) = await self.recorder.next(), let socket = self.state.withLock({ $0.socket }) else {
            return nil
        }
        await socket.loop.run { _ in
            self.state.withLock { $0.isPaused = false }
            socket.resumeReading()
        }
        return text
    }

    func opened(_ socket: WebSocket) {}
    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        self.state.withLock {
            if $0.isPaused { $0.whilePaused += 1 }
            $0.socket = socket
            $0.isPaused = true
        }
        socket.pauseReading()
        self.recorder.received(text: text, from: socket)
    }
    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {}
    func drained(_ socket: WebSocket) {}
    func closed(_ socket: WebSocket, _ close: WebSocketClose) {}
}
