import JSON
import RealtimeProtocol
import Testing

@Suite struct RealtimeServerEventTests {
    private func decode(_ text: String) throws -> RealtimeServerEvent {
        var text = text
        return try text.withUTF8 { try RealtimeServerEvent(decoding: UnsafeRawBufferPointer($0)) }
    }

    @Test func `an audio delta is decoded without a full parse and with one alike`() throws {
        let part = OutputPart(responseID: "resp_1", itemID: "item_1", contentIndex: 2)
        let short =
            #"{"type":"response.output_audio.delta","event_id":"e","response_id":"resp_1","item_id":"item_1","#
            + #""output_index":0,"content_index":2,"delta":"AAECAw=="}"#
        #expect(try self.decode(short) == .audioDelta(part, audio: [0, 1, 2, 3]))
        let escaped = short.replacing("AAECAw==", with: #"AAEC\u0041w=="#)
        #expect(try self.decode(escaped) == .audioDelta(part, audio: [0, 1, 2, 3]))
    }

    @Test func `an audio delta that is no base64 is refused`() {
        let text = #"{"type":"response.output_audio.delta","response_id":"r","item_id":"i","delta":"A B="}"#
        #expect(throws: JSONError.self) { try self.decode(text) }
    }

    @Test func `a failed response carries its error`() throws {
        let text = """
            {"type":"response.done","response":{"id":"resp_1","status":"failed","status_details":{"type":"failed",
            "error":{"type":"server_error","code":"rate_limit_exceeded","message":"slow down"}}}}
            """
        let error = RealtimeError(type: "server_error", code: "rate_limit_exceeded", message: "slow down")
        #expect(try self.decode(text) == .responseDone(ResponseSummary(id: "resp_1", status: .failed, error: error)))
    }

    @Test func `an error that is a bare string is understood`() throws {
        let event = try self.decode(#"{"type":"error","error":"no such model"}"#)
        #expect(event == .error(RealtimeError(type: "server_error", message: "no such model")))
    }

    @Test func `an unknown event is passed on by its type`() throws {
        #expect(try self.decode(#"{"type":"from.the.future","x":[1]}"#) == .other(type: "from.the.future"))
    }

    @Test(arguments: ["", "[]", "{}", #"{"type":7}"#, #"{"type":"error""#, "\u{FEFF}x"])
    func `text that is no event is refused`(text: String) {
        #expect(throws: JSONError.self) { try self.decode(text) }
    }

    @Test(arguments: [
        "session.created", "session.updated", "conversation.item.added", "response.created", "response.done", "error",
        "response.output_item.added", "response.output_audio_transcript.delta", "input_audio_buffer.speech_started",
    ])
    func `an event with nothing but its type does not throw`(type: String) throws {
        _ = try self.decode(#"{"type":"\#(type)"}"#)
        _ = try self.decode(#"{"type":"\#(type)","session":null,"item":[],"response":7,"error":null,"delta":{}}"#)
    }
}
