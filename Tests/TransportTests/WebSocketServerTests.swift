import Testing
import Transport

struct WebSocketServerTests {
    @Test func `text and binary come back as they were sent`() async throws {
        try await Harness.run { harness in
            let handler = RecordingHandler()
            let socket = try await harness.openClient(handler)
            await harness.loop.run { _ in
                #expect(socket.send(text: Array("नमस्ते".utf8)) == .sent)
                #expect(socket.send(binary: [0, 1, 255]) == .sent)
            }
            #expect(await handler.next() == .text("नमस्ते"))
            #expect(await handler.next() == .binary([0, 1, 255]))
            await harness.loop.run { _ in socket.close(code: 1000, reason: "bye") }
            #expect(await handler.close() == WebSocketClose(code: 1000, reason: "bye", cause: .local))
        }
    }

    @Test func `a plain request is answered`() async throws {
        try await Harness.run { harness in
            let client = RawClient(port: harness.port)
            client.send("POST /api HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello")
            let answer = client.receiveAll()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nPOST /api hello"))
        }
    }
}
