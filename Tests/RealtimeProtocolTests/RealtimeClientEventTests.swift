import JSON
import RealtimeProtocol
import Testing

@Suite struct RealtimeClientEventTests {
    private func json(_ event: RealtimeClientEvent) throws -> JSONValue {
        try JSONValue(parsing: event.encoded)
    }

    @Test func `a session update sends only what is set, and null only to clear`() throws {
        let update = SessionUpdate(instructions: "Speak.", voice: "coral", turnDetection: .manual, transcription: .off)
        #expect(
            try self.json(.sessionUpdate(update)) == [
                "type": "session.update",
                "session": [
                    "type": "realtime", "instructions": "Speak.",
                    "audio": [
                        "input": ["turn_detection": .null, "transcription": .null], "output": ["voice": "coral"],
                    ],
                ],
            ])
        #expect(
            try self.json(.sessionUpdate(SessionUpdate(instructions: "x"))) == [
                "type": "session.update", "session": ["type": "realtime", "instructions": "x"],
            ])
    }

    @Test func `the same audio makes the same frame on both ways`() {
        let audio = (0..<1_920).map { UInt8(truncatingIfNeeded: $0) }
        var frame: [UInt8] = []
        audio.withUnsafeBytes { RealtimeClientEvent.appendInputAudio($0, to: &frame) }
        #expect(RealtimeClientEvent.appendInputAudio(audio).encoded == frame)
    }

    @Test func `an isolated response has an empty input and no tools`() throws {
        let request = ResponseRequest(
            instructions: "Say exactly: \"नमस्ते\"", isolated: true, allowsTools: false, metadata: ["kind": "greeting"],
            eventID: "greet_1")
        #expect(
            try self.json(.createResponse(request)) == [
                "type": "response.create", "event_id": "greet_1",
                "response": [
                    "conversation": "auto", "input": [], "instructions": "Say exactly: \"नमस्ते\"",
                    "tool_choice": "none", "metadata": ["kind": "greeting"],
                ],
            ])
    }

    @Test func `assistant text is output_text, the only content that servers take`() throws {
        let item = try self.json(.createItem(.assistantText(id: "h1", "yes"), previousItemID: "root"))
        #expect(item["previous_item_id"] == "root")
        #expect(item["item"]?["content"] == [["type": "output_text", "text": "yes"]])
    }
}
