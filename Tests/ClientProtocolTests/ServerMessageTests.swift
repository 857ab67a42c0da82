import JSON
import Testing

@testable import ClientProtocol

@Suite struct ServerMessageTests {
    private func json(_ message: ServerMessage, _ envelope: Envelope? = nil) throws -> JSONValue {
        try JSONValue(parsing: message.encoded(envelope))
    }

    @Test func `an error says its sentence under both names`() throws {
        let message = ServerMessage.error(.badAudio, message: "no", isFatal: false, retryAfterMs: 500)
        #expect(
            try self.json(message) == [
                "type": "error", "code": "bad_audio", "message": "no", "error": "no", "fatal": false,
                "retry_after_ms": 500,
            ])
    }

    @Test func `audio is base64 behind its key`() throws {
        #expect(
            try self.json(.wavResponse([65, 66, 67], responseID: "r"))
                == ["type": "audio_response", "audio": "QUJD", "format": "wav", "text": "", "response_id": "r"])
        #expect(
            try self.json(.pcmResponse([0, 1], responseID: "r"))
                == [
                    "type": "audio_response", "audio": "AAE=", "mime_type": "audio/pcm", "text": "", "response_id": "r",
                ])
    }

    @Test func `a streaming event is numbered and timed`() throws {
        let event = try self.json(.state(.idle), Envelope(sequence: 3, timestampMs: 40))
        #expect(event == ["type": "state", "agent": "idle", "seq": 3, "ts_ms": 40])
    }

    @Test func `a piece of a reply is whole JSON, whatever its ids are`() throws {
        let delta = ServerMessage.audioDelta(
            [1, 2, 3, 4], responseID: "resp \"1\"", itemID: "item\n\\", generation: 3, offsetMs: 40)
        let fields: JSONValue = [
            "type": "audio_delta", "response_id": "resp \"1\"", "item_id": "item\n\\", "generation": 3, "offset_ms": 40,
            "seq": 7, "ts_ms": 1_234, "audio": "AQIDBA==",
        ]
        #expect(try self.json(delta, Envelope(sequence: 7, timestampMs: 1_234)) == fields)
        #expect(try self.json(delta)["seq"] == nil)
    }

    @Test func `a ping's own value comes back as it was`() throws {
        #expect(try self.json(.pong(t: ["a": [1, .null]], serverMs: 5))["t"] == ["a": [1, .null]])
        #expect(try self.json(.pong(t: nil, serverMs: 5)) == ["type": "pong", "server_t": 5])
    }

    @Test func `a piece of a transcript is a delta, the whole is a text`() throws {
        let piece = Transcript(role: .assistant, itemID: "i", text: "न", isFinal: false)
        #expect(try self.json(.transcript(piece))["delta"] == "न")
        let whole = Transcript(role: .user, itemID: "i", text: "नमस्ते", isFinal: true)
        #expect(try self.json(.transcript(whole))["text"] == "नमस्ते")
    }

    @Test func `every code says what it means`() {
        #expect(ErrorCode.allCases.allSatisfy { $0.meaning.hasSuffix(".") })
        #expect(CloseCode.allCases.allSatisfy { $0.meaning.hasSuffix(".") })
    }

    @Test func `phones come back after what passes, and after nothing else`() {
        let retriable = CloseCode.allCases.filter(\.isRetriable).map(\.rawValue)
        #expect(retriable == [1001, 1011, 1012, 1013])
    }
}
