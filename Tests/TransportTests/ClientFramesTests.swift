import Testing

@testable import Transport

extension Loopback {
    /// Client WebSockets against a peer that writes each byte by hand.
    struct ClientFramesTests {
        /// A client that is open, and its peer, to which the answer and `greeting` went as one.
        private func withPeer(
            greeting: [UInt8] = [], pausing: Bool = false, echoing: Bool = false,
            _ body: (RecordingHandler, WebSocket, RawClient, EventLoop) async throws -> Void
        ) async throws {
            let group = try EventLoopGroup(count: 1, log: .disabled, metrics: .init())
            let listener = RawListener()
            let handler = RecordingHandler(echoes: echoing)
            let target = try WebSocketTarget(url: "ws://127.0.0.1:\(listener.port)/")
            let socket = await group.loops[0].run { loop in
                let socket = loop.connect(target, handler: handler)
                if pausing { socket.pauseReading() }
                return socket
            }
            let peer = await blocking { listener.acceptWebSocket(greeting: greeting) }
            #expect(await handler.next() == .opened)
            try await body(handler, socket, peer, group.loops[0])
            await group.shutdown()
        }

        private static func frame(_ opcode: RawClient.Opcode, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
            RawClient.frame(opcode, payload, isFinal: isFinal, masked: false)
        }

        @Test func `messages that come with the answer are not lost`() async throws {
            let frames = Self.frame(.text, Array("one".utf8)) + Self.frame(.binary, [2])
            try await self.withPeer(greeting: frames) { handler, _, _, _ in
                #expect(await handler.next() == .text("one"))
                #expect(await handler.next() == .binary([2]))
            }
        }

        @Test func `a socket that was paused before it opened reads when it is resumed`() async throws {
            try await self.withPeer(greeting: Self.frame(.text, [0x61]), pausing: true) { handler, socket, peer, loop in
                await blocking { _ = peer.send(Self.frame(.text, [0x62])) }
                await loop.run { _ in
                    #expect(handler.messageCount == 0)
                    socket.resumeReading()
                }
                #expect(await handler.next() == .text("a"))
                #expect(await handler.next() == .text("b"))
            }
        }

        @Test(arguments: [0, 5, 125, 126, 65_535, 65_536, 200_000])
        func `every frame is masked, each with a key of its own`(count: Int) async throws {
            let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            try await self.withPeer { _, socket, peer, loop in
                await loop.run { _ in
                    socket.send(binary: message)
                    socket.send(binary: message)
                }
                let frames = await blocking { [peer.receiveMaskedFrame(), peer.receiveMaskedFrame()] }
                #expect(frames.map(\.?.opcode) == [2, 2])
                #expect(frames.map(\.?.payload) == [message, message])
                #expect(frames[0]?.key != frames[1]?.key)
            }
        }

        @Test func `pings are answered in order, each before the message that came after it`() async throws {
            var frames: [UInt8] = []
            for index in 0..<20 {
                frames += Self.frame(.ping, [UInt8(index)]) + Self.frame(.text, [0x61])
            }
            try await self.withPeer(greeting: frames, echoing: true) { _, _, peer, _ in
                let answers = await blocking { (0..<40).map { _ in peer.receiveMaskedFrame() } }
                #expect(answers.map(\.?.opcode) == (0..<40).map { $0.isMultiple(of: 2) ? 10 : 1 })
                #expect(answers.map(\.?.payload) == (0..<40).map { $0.isMultiple(of: 2) ? [UInt8($0 / 2)] : [0x61] })
            }
        }

        @Test(
            arguments: [
                RawClient.frame(.text, [0x61]),
                [0x81, 0x7E, 0x00, 0x05], [0x81, 0x7F, 0, 0, 0, 0, 0, 0, 0x01, 0x00],
                [0xC1, 0x00], [0x83, 0x00], [0x09, 0x00], [0x80, 0x00],
                [0x88, 0x01, 0x03], [0x88, 0x04, 0x03, 0xE8, 0xC3, 0x28], [0x88, 0x02, 0x03, 0xED],
            ] as [[UInt8]]) func `what a server may not send closes with 1002`(frame: [UInt8]) async throws
        {
            try await self.withPeer(greeting: frame) { handler, _, peer, _ in
                let close = await blocking { peer.receiveMaskedFrame() }
                #expect(close?.opcode == 8)
                #expect(close?.payload.prefix(2) == [0x03, 0xEA])
                await blocking { peer.finish() }
                let ending = await handler.close()
                #expect(ending?.code == 1002)
                #expect(ending?.cause == .local)
            }
        }

        @Test func `a close is answered with its code`() async throws {
            try await self.withPeer(greeting: Self.frame(.close, [0x03, 0xF4, 0x61])) { handler, _, peer, _ in
                let close = await blocking { peer.receiveMaskedFrame() }
                #expect(close?.opcode == 8)
                #expect(close?.payload == [0x03, 0xF4])
                #expect(await handler.close() == WebSocketClose(code: 1012, reason: "a", cause: .peer))
            }
        }

        @Test func `a peer that goes without a close frame is a reset`() async throws {
            try await self.withPeer { handler, _, peer, _ in
                await blocking { peer.finish() }
                #expect(await handler.close() == WebSocketClose(code: 1006, reason: "", cause: .reset))
            }
        }
    }
}

extension RawListener {
    /// The next connection, whose upgrade is answered, with `greeting` right behind the answer.
    func acceptWebSocket(greeting: [UInt8] = []) -> RawClient {
        let peer = self.accept()
        let lines = peer.receiveHead().split(separator: "\r\n")
        let key = lines.first { $0.lowercased().hasPrefix("sec-websocket-key:") }?.split(separator: " ").last
        peer.send(OpeningHandshake.answer(key: String(key ?? ""), subprotocol: nil) + greeting)
        return peer
    }
}

extension RawClient {
    /// The next frame of a client; nil at the end of the stream, or when the frame is not masked.
    func receiveMaskedFrame() -> (opcode: UInt8, key: [UInt8], payload: [UInt8])? {
        let head = self.receiveExactly(2)
        guard head.count == 2, head[1] & 0x80 != 0 else { return nil }
        var length = Int(head[1] & 0x7F)
        if length >= 126 { length = self.receiveExactly(length == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) } }
        let key = self.receiveExactly(4)
        return (head[0] & 0x0F, key, self.receiveExactly(length).enumerated().map { $1 ^ key[$0 & 3] })
    }
}
