import JSON
import RealtimeProtocol
import Testing

@Suite struct RealtimeDialectTests {
    private static let tool: JSONValue = ["type": "function", "name": "horoscope", "parameters": ["type": "object"]]

    private static let update = SessionUpdate(
        instructions: "Speak.", voice: "coral", turnDetection: .semanticVAD(eagerness: "low", createResponse: false),
        transcription: .on(model: "gpt-4o-mini-transcribe", language: "hi", prompt: nil), tools: [Self.tool])

    private static let answer = ResponseRequest(
        instructions: "Be kind.", isolated: true, allowsTools: false, metadata: ["kind": "greeting"])

    private func json(_ event: RealtimeClientEvent, _ dialect: RealtimeDialect) throws -> JSONValue {
        try JSONValue(parsing: try #require(event.encoded(in: dialect)))
    }

    private func decode(_ text: String, _ dialect: RealtimeDialect) throws -> RealtimeServerEvent {
        var text = text
        return try text.withUTF8 { try RealtimeServerEvent(decoding: UnsafeRawBufferPointer($0), in: dialect) }
    }

    // MARK: session.update

    private static let semantic: JSONValue = [
        "type": "semantic_vad", "eagerness": "low", "create_response": false, "interrupt_response": true,
    ]
    private static let server: JSONValue = [
        "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 500,
        "create_response": false, "interrupt_response": true,
    ]
    private static let asked: JSONValue = ["model": "gpt-4o-mini-transcribe", "language": "hi"]

    private static let sessions: [(RealtimeDialect, JSONValue)] = [
        (
            .openAI,
            [
                "type": "realtime", "instructions": "Speak.", "tools": [Self.tool],
                "audio": [
                    "input": ["turn_detection": Self.semantic, "transcription": Self.asked],
                    "output": ["voice": "coral"],
                ],
            ]
        ),
        (
            .beta,
            [
                "modalities": ["text", "audio"], "input_audio_format": "pcm16", "output_audio_format": "pcm16",
                "instructions": "Speak.", "voice": "coral", "turn_detection": Self.semantic,
                "input_audio_transcription": Self.asked, "tools": [Self.tool],
            ]
        ),
        (
            .xAI,
            [
                "instructions": "Speak.", "voice": "eve", "tools": [Self.tool],
                "turn_detection": [
                    "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 500,
                ],
                "audio": [
                    "input": [
                        "format": ["type": "audio/pcm", "rate": 24_000], "transcription": ["language_hint": "hi"],
                    ],
                    "output": ["format": ["type": "audio/pcm", "rate": 24_000]],
                ],
            ]
        ),
        (
            .qwen,
            [
                "modalities": ["text", "audio"], "input_audio_format": "pcm", "output_audio_format": "pcm",
                "instructions": "Speak.", "voice": "Cherry", "turn_detection": Self.server,
                "input_audio_transcription": ["model": "gummy-realtime-v1"],
                "tools": [
                    ["type": "function", "function": ["name": "horoscope", "parameters": ["type": "object"]]]
                ],
            ]
        ),
        (
            .gaLite,
            [
                "type": "realtime", "instructions": "Speak.", "tools": [Self.tool],
                "audio": ["input": ["turn_detection": Self.server, "transcription": Self.asked]],
            ]
        ),
    ]

    @Test(arguments: Self.sessions)
    func `a session is laid out as the dialect wants it`(dialect: RealtimeDialect, session: JSONValue) throws {
        #expect(try self.json(.sessionUpdate(Self.update), dialect) == ["type": "session.update", "session": session])
    }

    @Test(arguments: [RealtimeDialect.beta, .qwen, .xAI])
    func `turns that the client ends are null at the top`(dialect: RealtimeDialect) throws {
        let event = RealtimeClientEvent.sessionUpdate(SessionUpdate(turnDetection: .manual))
        #expect(try self.json(event, dialect)["session"]?["turn_detection"] == .null)
    }

    // MARK: Items and responses

    @Test func `the GA dialect is what events are without one`() throws {
        let events: [RealtimeClientEvent] = [
            .sessionUpdate(Self.update), .createResponse(Self.answer), .commitInputAudio, .deleteItem(itemID: "i"),
            .appendInputAudio([1, 2]), .createItem(.assistantText(id: nil, "yes")),
        ]
        for event in events { #expect(event.encoded(in: .openAI) == event.encoded) }
    }

    @Test(arguments: [
        (RealtimeDialect.openAI, "output_text"), (.beta, "text"), (.xAI, "output_text"), (.qwen, "text"),
        (.gaLite, "output_text"),
    ])
    func `what the assistant said is text under the dialect's name`(dialect: RealtimeDialect, name: String) throws {
        let event = try self.json(.createItem(.assistantText(id: "h1", "yes")), dialect)
        #expect(event["item"]?["content"] == [["type": .string(name), "text": "yes"]])
    }

    private static let responses: [(RealtimeDialect, JSONValue)] = [
        (
            .openAI,
            [
                "conversation": "auto", "input": [], "instructions": "Be kind.", "tool_choice": "none",
                "metadata": ["kind": "greeting"],
            ]
        ),
        (
            .beta,
            [
                "conversation": "auto", "input": [], "instructions": "Be kind.", "tool_choice": "none",
                "metadata": ["kind": "greeting"], "modalities": ["text", "audio"],
            ]
        ),
        (
            .xAI,
            [
                "conversation": "auto", "input": [], "instructions": "Be kind.", "tool_choice": "none",
                "metadata": ["kind": "greeting"], "modalities": ["text", "audio"],
            ]
        ),
        (.qwen, ["instructions": "Be kind.", "modalities": ["text", "audio"]]),
        (
            .gaLite,
            [
                "conversation": "auto", "input": [], "instructions": "Be kind.", "tool_choice": "none",
                "metadata": ["kind": "greeting"],
            ]
        ),
    ]

    @Test(arguments: Self.responses)
    func `a response is asked for as the dialect wants it`(dialect: RealtimeDialect, response: JSONValue) throws {
        #expect(
            try self.json(.createResponse(Self.answer), dialect)
                == ["type": "response.create", "response": response])
    }

    @Test(arguments: RealtimeDialect.all)
    func `what a server does not know is not sent`(dialect: RealtimeDialect) {
        let isWhole = dialect == .openAI || dialect == .beta
        let truncation = RealtimeClientEvent.truncateItem(itemID: "i", contentIndex: 0, audioEndMs: 5)
        #expect((truncation.encoded(in: dialect) == nil) != isWhole)
        #expect((RealtimeClientEvent.deleteItem(itemID: "i").encoded(in: dialect) == nil) != isWhole)
        #expect((RealtimeClientEvent.clearInputAudio.encoded(in: dialect) == nil) == (dialect == .gaLite))
        #expect(RealtimeClientEvent.commitInputAudio.encoded(in: dialect) != nil)
        #expect(RealtimeClientEvent.cancelResponse(responseID: nil).encoded(in: dialect) != nil)
        #expect(dialect.capabilities.truncates == isWhole)
        #expect(dialect.capabilities.speaksVerbatim == (dialect == .xAI))
    }

    @Test(arguments: RealtimeDialect.all)
    func `audio is the same frame everywhere`(dialect: RealtimeDialect) {
        let event = RealtimeClientEvent.appendInputAudio([0, 1, 2])
        #expect(event.encoded(in: dialect) == event.encoded)
        #expect(dialect.inputSampleRate == (dialect == .qwen ? 16_000 : 24_000))
    }

    // MARK: What the model says

    private static let part = OutputPart(responseID: "r", itemID: "i")

    private static let oldNames: [(String, RealtimeServerEvent)] = [
        (
            #"{"type":"response.audio.delta","response_id":"r","item_id":"i","delta":"AAE="}"#,
            .audioDelta(part, audio: [0, 1])
        ),
        (
            #"{"type":"response.audio.delta","response_id":"r","item_id":"i","delta":"AA\u0045="}"#,
            .audioDelta(part, audio: [0, 1])
        ),
        (#"{"type":"response.audio.done","response_id":"r","item_id":"i"}"#, .audioDone(part)),
        (
            #"{"type":"response.audio_transcript.delta","response_id":"r","item_id":"i","delta":"a"}"#,
            .transcriptDelta(part, text: "a")
        ),
        (
            #"{"type":"response.audio_transcript.done","response_id":"r","item_id":"i","transcript":"ab"}"#,
            .transcriptDone(part, text: "ab")
        ),
        (#"{"type":"response.text.delta","response_id":"r","item_id":"i","delta":"a"}"#, .textDelta(part, text: "a")),
        (#"{"type":"response.text.done","response_id":"r","item_id":"i","text":"ab"}"#, .textDone(part, text: "ab")),
        (#"{"type":"conversation.item.created","item":{"id":"i"}}"#, .itemAdded(ItemSummary(id: "i"))),
    ]

    @Test(arguments: Self.oldNames)
    func `the old names mean what the new ones mean`(text: String, event: RealtimeServerEvent) throws {
        #expect(try self.decode(text, .beta) == event)
        #expect(try self.decode(text, .qwen) == event)
    }

    @Test func `the old name of audio is unknown to a server that has the new one`() throws {
        #expect(
            try self.decode(#"{"type":"response.audio.delta","delta":"AAE="}"#, .openAI)
                == .other(type: "response.audio.delta"))
    }

    @Test func `a flat session has its voice at the top`() throws {
        let text = #"{"type":"session.created","session":{"id":"s","voice":"Cherry"}}"#
        #expect(try self.decode(text, .qwen) == .sessionCreated(SessionSummary(id: "s", voice: "Cherry")))
    }

    @Test func `the code of an error may stand in its type`() throws {
        let text = #"{"type":"error","error":{"type":"session_expired","message":"over"}}"#
        #expect(
            try self.decode(text, .gaLite)
                == .error(RealtimeError(type: "session_expired", code: "session_expired", message: "over")))
        #expect(try self.decode(text, .openAI) == .error(RealtimeError(type: "session_expired", message: "over")))
    }

    @Test func `a race that is told by its text alone is known`() {
        let error = RealtimeError(
            type: "invalid_request_error", message: "Conversation already has an active response in progress")
        #expect(error.disposition == .askAgainAfterResponse)
    }

    @Test func `every dialect has a name of its own and is found by it`() {
        for dialect in RealtimeDialect.all { #expect(RealtimeDialect(named: dialect.name) == dialect) }
        #expect(RealtimeDialect.all.map(\.name) == ["openai", "beta", "xai", "qwen", "ga-lite"])
        #expect(RealtimeDialect(named: "OpenAI") == nil)
    }
}
