import JSON
import Testing

@testable import ClientProtocol

private func decode(_ text: String) throws(ClientMessageError) -> ClientMessage {
    let bytes = Array(text.utf8)
    let result: Result<ClientMessage, ClientMessageError> = bytes.withUnsafeBytes { frame in
        do throws(ClientMessageError) {
            return .success(try ClientMessage(decoding: frame))
        } catch {
            return .failure(error)
        }
    }
    return try result.get()
}

@Suite struct ClientMessageTests {
    @Test(arguments: [
        (#"{"type":"config","astrologer_id":"tina"}"#, ClientMessage.config(PersonaRequest(id: "tina"))),
        (#"{"type":"config","astrologer_id":1}"#, .config(PersonaRequest(id: "1"))),
        (
            #"{"type":"config","scenario_id":"doctor","greet":false}"#,
            .config(PersonaRequest(id: "doctor", greets: false))
        ),
        (
            #"{"type":"config","interaction_id":"int_1","mode":"learn_mode"}"#,
            .config(PersonaRequest(id: "int_1", mode: "learn_mode"))
        ),
        (
            #"{"switch_id":"s","history":"carry","persona_id":"p","astrologer_id":"a","mode":"try","type":"config"}"#,
            .config(PersonaRequest(id: "p", mode: "try", history: .carry, switchID: "s"))
        ),
        (#"{"type":"audio","audio":"QUJD"}"#, .audio(Utterance(bytes: [65, 66, 67]))),
        (
            #"{"type":"audio","data":"QUJD","format":"webm","client_turn_id":"t"}"#,
            .audio(Utterance(bytes: [65, 66, 67], format: "webm", turnID: "t"))
        ),
        (#"{"type":"audio","audio":"QUJD","data":"QUJD"}"#, .audio(Utterance(bytes: [65, 66, 67]))),
        (#"{"type":"audio_chunk","seq":7,"audio":"QUI="}"#, .audioChunk([65, 66])),
        (#"{"type":"text","text":"नमस्ते 🙏"}"#, .text("नमस्ते 🙏")),
        (#"{"type":"text","data":"a\nb"}"#, .text("a\nb")),
        (#"{"type":"ping"}"#, .ping(t: nil)),
        (#"{"type":"ping","t":{"a":[1]}}"#, .ping(t: ["a": [1]])),
        (#"{"type":"hello","v":"1.0"}"#, .hello(Hello(version: "1.0"))),
        (
            #"{"type":"hello","v":"1.2","features":["x"],"audio":{"in":{"codec":"pcm16","rate":16000,"channels":1}}}"#,
            .hello(Hello(version: "1.2", features: ["x"], input: AudioFormat(.pcm16, rate: 16_000)))
        ),
        (#"{"type":"played","ms":250,"response_id":"r"}"#, .played(responseID: "r", ms: 250)),
        (#"{"type":"commit"}"#, .commit(turnID: nil)), (#"{"type":"cancel"}"#, .cancel(responseID: nil)),
        (#"{"type":"bye"}"#, .bye), (#"{"type":"tomorrow","x":1}"#, .other(type: "tomorrow")),
    ]) func `a message is read`(text: String, message: ClientMessage) throws {
        #expect(try decode(text) == message)
    }

    @Test(arguments: [
        ("", ErrorCode.badJSON), ("{", .badJSON), ("[]", .badJSON), ("1", .badJSON), ("{} {}", .badJSON),
        ("{}", .badMessage), (#"{"type":null}"#, .badMessage), (#"{"type":"ping","type":"bye"}"#, .badMessage),
        (#"{"type":"config"}"#, .badMessage), (#"{"type":"config","astrologer_id":{}}"#, .badMessage),
        (#"{"type":"config","astrologer_id":""}"#, .badMessage),
        (#"{"type":"config","astrologer_id":"a","history":"some"}"#, .badMessage),
        (#"{"type":"audio"}"#, .badMessage), (#"{"type":"audio","audio":7}"#, .badMessage),
        (#"{"type":"audio","audio":"!!!!"}"#, .badAudio), (#"{"type":"audio","audio":"QUJ"}"#, .badAudio),
        (#"{"type":"audio","audio":"QU JD"}"#, .badAudio), (#"{"type":"audio","audio":"QUI-"}"#, .badAudio),
        (#"{"type":"audio","audio":"QUJD","data":"QUJE"}"#, .badMessage),
        (#"{"type":"audio","audio":"QUJD","sample_rate":"x"}"#, .badMessage),
        (#"{"type":"text"}"#, .badMessage), (#"{"type":"text","text":"  "}"#, .badMessage),
        (#"{"type":"hello","v":"2.0"}"#, .badMessage), (#"{"type":"hello"}"#, .badMessage),
        (#"{"type":"hello","v":"1.0","audio":{"in":{"codec":"mp3"}}}"#, .unsupportedFormat),
        (#"{"type":"hello","v":"1.0","audio":{"in":{"rate":7}}}"#, .unsupportedFormat),
        (#"{"type":"played","ms":-1}"#, .badMessage),
    ]) func `what is wrong is told by its code`(text: String, code: ErrorCode) {
        #expect { try decode(text) } throws: { ($0 as? ClientMessageError)?.code == code }
    }

    @Test func `limits are named`() {
        let long = String(repeating: "x", count: 9_000)
        #expect(throws: ClientMessageError(.tooLarge, "text of 9000 bytes exceeds 8192")) {
            try decode(#"{"type":"text","text":"\#(long)"}"#)
        }
        #expect(throws: ClientMessageError(.badMessage, "the persona's id must have 1 to 128 bytes")) {
            try decode(#"{"type":"config","persona_id":"\#(long)"}"#)
        }
    }

    @Test func `an error never repeats the client's own text`() {
        for text in [
            #"{"type":"text","text":{"secret":1}}"#, #"{"type":"config","history":"secret","persona_id":"a"}"#,
        ] {
            #expect { try decode(text) } throws: { !"\($0)".contains("secret") }
        }
    }

    @Test func `no bytes trap`() {
        var state: UInt64 = 42
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let seed = Array(
            #"{"type":"audio","audio":"QUJDREVG","format":"webm","sample_rate":16000,"client_turn_id":"é"}"#.utf8)
        for _ in 0..<20_000 {
            var bytes = Array(seed.prefix(next(seed.count) + 1))
            for _ in 0..<next(4) { bytes[next(bytes.count)] = UInt8(next(256)) }
            bytes.withUnsafeBytes { frame in _ = try? ClientMessage(decoding: frame) }
        }
    }

    @Test func `a choice may bring a voice, a language and what is known of the caller`() throws {
        var request = PersonaRequest(id: "tina")
        request.voice = "ash"
        request.language = "ta"
        request.vars = ["name": "Asha", "age": "31", "married": "false"]
        #expect(
            try decode(
                #"{"type":"config","persona_id":"tina","voice":"ash","language":"ta","#
                    + #""vars":{"name":"Asha","age":31,"married":false}}"#) == .config(request))
    }

    @Test(arguments: [#"[]"#, #""x""#, #"{"a":[1]}"#, #"{"a":null}"#, #"{"":"x"}"#, #"{"a":1.5}"#])
    func `facts that are none are refused by name`(vars: String) {
        #expect(throws: ClientMessageError.self) {
            try decode(#"{"type":"config","persona_id":"tina","vars":\#(vars)}"#)
        }
    }
}
