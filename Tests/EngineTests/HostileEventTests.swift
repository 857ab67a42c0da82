import JSON
import RealtimeProtocol
import Testing

@testable import Engine

/// Whatever a client sends is answered with an `error` event or done; nothing traps and nothing is half done.
@Suite struct HostileEventTests {
    @Test(arguments: [
        "", " ", "{", "[]", "null", "42", "\"text\"", "{\"type\":}", "nonsense", "{\"a\":1,}", "\u{0}",
        String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 5_000),
    ])
    func `what is no event is told so`(text: String) {
        var machine = EngineMachine.fixture()
        #expect(machine.code(text) == "invalid_event")
    }

    @Test func `bytes that are no text are told so`() {
        let (event, id) = [UInt8](repeating: 0xFF, count: 64).withUnsafeBytes { ClientEvent.decode($0) }
        #expect(id == nil)
        #expect(throws: RealtimeError.self) { try event.get() }
    }

    @Test func `missing, unknown and ill-typed types have their codes`() {
        var machine = EngineMachine.fixture()
        #expect(machine.code("{}") == "invalid_event")
        #expect(machine.code(#"{"type":null}"#) == "invalid_type")
        #expect(machine.code(#"{"type":7}"#) == "invalid_type")
        #expect(machine.code(#"{"type":"nope"}"#) == "invalid_value")
        #expect(machine.code(#"{"type":"transcription_session.update"}"#) == "invalid_value")
    }

    @Test func `an event's id comes back only if it is one`() {
        var machine = EngineMachine.fixture()
        func id(_ value: String) -> JSONValue? {
            machine.say(#"{"type":"nope","event_id":\#(value)}"#).event("error")?["error"]?["event_id"]
        }
        #expect(id(#""mine""#) == "mine")
        #expect(id("null") == .null)
        #expect(id("[]") == .null)
        #expect(id("\"" + String(repeating: "x", count: 513) + "\"") == .null)
    }

    private static let events: [JSONValue] = [
        [
            "type": "session.update", "event_id": "e",
            "session": [
                "type": "realtime", "model": "m", "instructions": "i", "output_modalities": ["audio"],
                "tools": [
                    ["type": "function", "name": "f", "description": "d", "parameters": ["type": "object"]]
                ],
                "tool_choice": "auto", "parallel_tool_calls": true, "max_output_tokens": 100, "truncation": "auto",
                "tracing": "auto", "prompt": ["id": "p"], "include": ["x"], "reasoning": ["effort": "low"],
                "audio": [
                    "input": [
                        "format": ["type": "audio/pcm", "rate": 24_000], "noise_reduction": ["type": "near_field"],
                        "transcription": ["model": "whisper-1"],
                        "turn_detection": [
                            "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300,
                            "silence_duration_ms": 500, "idle_timeout_ms": 6_000, "create_response": true,
                            "interrupt_response": true,
                        ],
                    ],
                    "output": ["format": ["type": "audio/pcm", "rate": 24_000], "voice": "ash", "speed": 1.0],
                ],
            ],
        ],
        [
            "type": "session.update",
            "session": [
                "type": "realtime",
                "audio": [
                    "input": [
                        "turn_detection": [
                            "type": "semantic_vad", "eagerness": "low", "create_response": true,
                            "interrupt_response": true,
                        ]
                    ]
                ],
            ],
        ],
        ["type": "input_audio_buffer.append", "audio": "AAAA"],
        ["type": "input_audio_buffer.commit"], ["type": "input_audio_buffer.clear"],
        [
            "type": "conversation.item.create", "previous_item_id": "root",
            "item": [
                "id": "i", "object": "realtime.item", "type": "message", "status": "completed", "role": "user",
                "content": [
                    ["type": "input_text", "text": "t"], ["type": "input_audio", "audio": "AAAA", "transcript": "t"],
                    ["type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "auto"],
                ],
            ],
        ],
        [
            "type": "conversation.item.create",
            "item": ["type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"],
        ],
        [
            "type": "conversation.item.create",
            "item": ["type": "function_call_output", "call_id": "c", "output": "o"],
        ],
        [
            "type": "conversation.item.create",
            "item": [
                "type": "force_message", "role": "assistant", "content": [["type": "output_text", "text": "t"]],
            ],
        ],
        ["type": "conversation.item.retrieve", "item_id": "i"], ["type": "conversation.item.delete", "item_id": "i"],
        ["type": "conversation.item.truncate", "item_id": "i", "content_index": 0, "audio_end_ms": 5],
        [
            "type": "response.create",
            "response": [
                "instructions": "i", "conversation": "none", "input": [["type": "item_reference", "id": "i"]],
                "output_modalities": ["audio"], "tools": [], "tool_choice": ["type": "function", "name": "f"],
                "parallel_tool_calls": false, "max_output_tokens": "inf", "metadata": ["k": "v"],
                "audio": ["output": ["format": ["type": "audio/pcm", "rate": 24_000], "voice": "ash"]],
            ],
        ],
        ["type": "response.cancel", "response_id": "r"],
    ]

    private static let oddities: [JSONValue] = [
        .null, true, false, 0, -1, .integer(.max), .integer(.min), 1.5, .number(1e308), .number(-1e308), "",
        .string(String(repeating: "x", count: 5_000)), "\u{0}\u{2028}नमस्ते\"\\", [], [.null], [[]], [:], ["": .null],
        ["type": "x"],
    ]

    /// Every copy of `value` in which one node is something odd.
    private static func spoilt(_ value: JSONValue) -> [JSONValue] {
        var copies = Self.oddities
        switch value {
        case .object(var members):
            for (key, member) in members {
                for odd in Self.spoilt(member) {
                    members[key] = odd
                    copies.append(.object(members))
                }
                members[key] = nil
                copies.append(.object(members))
                members[key] = member
            }
            members["stranger"] = true
            copies.append(.object(members))
        case .array(var values):
            for (index, element) in values.enumerated() {
                for odd in Self.spoilt(element) {
                    values[index] = odd
                    copies.append(.array(values))
                }
                values[index] = element
            }
            copies.append(.array(Array(repeating: values.first ?? .null, count: 2_000)))
        default: break
        }
        return copies
    }

    @Test(arguments: Self.events.indices)
    func `an event with any field spoilt is done or refused with a code`(index: Int) {
        let fresh = EngineMachine.fixture()
        for event in Self.spoilt(Self.events[index]) {
            var machine = fresh
            let actions = machine.received(Result { () throws(RealtimeError) in try ClientEvent(event) }, id: nil)
            if let error = actions.event("error") {
                #expect(error["error"]?["code"]?.string?.isEmpty == false)
                #expect(error["error"]?["message"]?.string?.utf8.count ?? 0 < 1_000)
                machine.ids = fresh.ids
                #expect(machine == fresh, "\(event.text.prefix(200))")
            }
        }
    }

    @Test(arguments: Self.events.indices)
    func `an event with nothing spoilt is understood`(index: Int) throws {
        _ = try ClientEvent(Self.events[index])
    }

    @Test(arguments: [
        #""audio":"@@@@""#, #""audio":"AAA""#, #""audio":"AA=A""#, #""audio":5"#, #""audio":null"#, #""x":1"#,
    ])
    func `audio that is no base64 is refused`(member: String) {
        var machine = EngineMachine.fixture()
        #expect(machine.code(#"{"type":"input_audio_buffer.append",\#(member)}"#) != nil)
        #expect(machine.input.position == 0)
    }

    @Test(arguments: [
        (#"{"type":"session.update","session":{}}"#, "missing_required_parameter"),
        (#"{"type":"session.update","session":{"type":"realtime","modalities":["audio"]}}"#, "unknown_parameter"),
        (
            #"{"type":"session.update","session":{"type":"realtime","output_modalities":["audio","text"]}}"#,
            "invalid_value"
        ),
        (
            #"{"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":"nova"}}}}"#,
            "invalid_value"
        ),
        (
            #"{"type":"session.update","session":{"type":"realtime","audio":{"output":{"speed":2}}}}"#,
            "decimal_above_max_value"
        ),
        (#"{"type":"session.update","session":{"type":"realtime","max_output_tokens":0}}"#, "integer_below_min_value"),
        (#"{"type":"session.update","session":{"type":"realtime","max_output_tokens":"lots"}}"#, "invalid_type"),
        (
            #"{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","create_response":null}}}}}"#,
            "invalid_type"
        ),
    ])
    func `a refused session update has the vendor's code and changes nothing`(event: String, code: String) {
        var machine = EngineMachine.fixture()
        let before = machine
        #expect(machine.code(event) == code)
        #expect(machine == before)
    }
}
