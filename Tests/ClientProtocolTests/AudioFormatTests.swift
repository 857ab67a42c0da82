import JSON
import Testing

@testable import ClientProtocol

@Suite struct AudioFormatTests {
    private func input(_ text: String) throws -> AudioFormat { try AudioFormat.input(JSONValue(parsing: text)) }
    private func output(_ text: String) throws -> AudioFormat { try AudioFormat.output(JSONValue(parsing: text)) }

    @Test(arguments: [
        (#"{}"#, AudioFormat.plain), (#"null"#, .plain),
        (#"{"codec":"pcm16","rate":48000,"channels":2}"#, AudioFormat(.pcm16, rate: 48_000, channels: 2)),
        (#"{"codec":"opus"}"#, AudioFormat(.opus, rate: 48_000)),
        (#"{"codec":"opus","rate":16000,"channels":2}"#, AudioFormat(.opus, rate: 16_000, channels: 2)),
        (#"{"codec":"mulaw"}"#, AudioFormat(.mulaw, rate: 8_000)),
        (#"{"codec":"alaw","rate":8000,"channels":1}"#, AudioFormat(.alaw, rate: 8_000)),
        (#"{"codec":"webm-opus"}"#, AudioFormat(.webmOpus, rate: 48_000)),
    ]) func `a microphone's format is taken as it is`(text: String, format: AudioFormat) throws {
        #expect(try self.input(text) == format)
    }

    @Test(arguments: [
        (#"{"codec":"flac"}"#, "audio.in.codec must be pcm16, opus, mulaw, alaw or webm-opus"),
        (#"{"codec":"pcm16","rate":96000}"#, "audio.in.rate must be 8000 to 48000"),
        (#"{"codec":"pcm16","rate":"fast"}"#, "audio.in.rate must be a whole number"),
        (#"{"codec":"pcm16","channels":3}"#, "audio.in.channels must be 1 or 2"),
        (#"{"codec":"mulaw","channels":2}"#, "audio.in.channels must be 1"),
        (#"{"codec":"mulaw","rate":16000}"#, "audio.in.rate must be 8000"),
        (#"{"codec":"opus","rate":44100}"#, "audio.in.rate must be 8000, 12000, 16000, 24000 or 48000"),
    ]) func `a microphone's format that is not taken is refused by name`(text: String, sentence: String) {
        #expect(throws: ClientMessageError(.unsupportedFormat, sentence)) { try self.input(text) }
    }

    @Test(arguments: [
        (#"null"#, AudioFormat.plain), (#"[]"#, .plain),
        (#"[{"codec":"opus"}]"#, AudioFormat(.opus, rate: 24_000)),
        (#"{"codec":"opus","rate":48000,"frame_ms":60}"#, AudioFormat(.opus, rate: 48_000, frameMs: 60)),
        (#"[{"codec":"tomorrow"},{"codec":"alaw"},{"codec":"opus"}]"#, AudioFormat(.alaw, rate: 8_000)),
        (#"[{"codec":"opus","channels":2},{"codec":"pcm16","rate":48000}]"#, AudioFormat(.pcm16, rate: 48_000)),
        (
            #"[{"codec":"webm-opus"},{"codec":"pcm16","rate":11025},{"codec":"mulaw"}]"#,
            AudioFormat(.mulaw, rate: 8_000)
        ),
        (#"[7,null,"opus",{"codec":7},{"rate":8000},{"codec":"pcm16","rate":8000}]"#, AudioFormat(.pcm16, rate: 8_000)),
    ]) func `the first offer that can be given is granted`(text: String, format: AudioFormat) throws {
        #expect(try self.output(text) == format)
    }

    @Test(arguments: [(1, 10), (10, 10), (25, 20), (30, 20), (100, 100), (120, 100), (-5, 10), (9_999_999, 100)])
    func `a frame is as long as asked for, or a little shorter`(asked: Int, granted: Int) throws {
        #expect(try self.output(#"[{"codec":"opus","frame_ms":\#(asked)}]"#).frameMs == granted)
    }

    @Test(arguments: [#"[{"codec":"mp3"}]"#, #"[7]"#, #""opus""#, #"[{"codec":"pcm16","rate":"24000"}]"#])
    func `when nothing fits the client is told what would`(text: String) {
        #expect {
            try self.output(text)
        } throws: { error in
            let error = error as? ClientMessageError
            return error?.code == .unsupportedFormat && error?.message.contains("opus") == true
        }
    }

    @Test func `a welcome says what was granted`() throws {
        let welcome = Welcome(
            sessionID: "s", features: [.binary], input: AudioFormat(.webmOpus, rate: 48_000),
            output: AudioFormat(.opus, rate: 24_000, frameMs: 60), maxMessageBytes: 1, pingSeconds: 2)
        let message = try JSONValue(parsing: ServerMessage.welcome(welcome).encoded())
        #expect(message["features"] == ["binary"])
        #expect(message["audio"]?["in"] == ["codec": "webm-opus", "rate": 48_000, "channels": 1])
        #expect(message["audio"]?["out"] == ["codec": "opus", "rate": 24_000, "channels": 1, "frame_ms": 60])
    }

    @Test func `a client that asked for nothing is told of no frames`() throws {
        let welcome = Welcome(sessionID: "s", maxMessageBytes: 1, pingSeconds: 2)
        let message = try JSONValue(parsing: ServerMessage.welcome(welcome).encoded())
        #expect(message["features"] == [])
        #expect(message["audio"]?["out"] == ["codec": "pcm16", "rate": 24_000, "channels": 1])
    }

    @Test func `a reply says its codec, its rate and its stream`() throws {
        let header = ReplyHeader(
            responseID: "r", itemID: "i", generation: 2, kind: .answer, audio: AudioFormat(.mulaw, rate: 8_000),
            stream: 7)
        let message = try JSONValue(parsing: ServerMessage.audioStart(header).encoded())
        #expect(message["codec"] == "mulaw")
        #expect(message["rate"] == 8_000)
        #expect(message["stream"] == 7)
    }
}
