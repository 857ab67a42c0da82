import Audio
import ClientProtocol
import JSON
import Observability
import RealtimeProtocol
import Testing

@testable import Sessions

@Suite struct BinarySessionTests {
    private static func frame(_ payload: [UInt8], sequence: UInt32 = 0, type: UInt8 = 1, stream: UInt16 = 0) -> [UInt8]
    {
        BinaryFrameHeader(type: type, stream: stream, sequence: sequence, mediaTimestamp: 0, generation: 0)
            .encoded(payload)
    }

    /// A session that has said `hello`, whose persona is ready and greets nobody.
    private static func call(_ hello: String) async -> Call {
        let call = Call()
        await call.says(hello)
        await call.says(#"{"type":"config","persona_id":"quiet"}"#)
        await call.modelSays(.sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")))
        return call
    }

    private static let binary = #"{"type":"hello","v":"1.0","features":["binary","tomorrow"]}"#

    private func audioFrames(_ call: Call) -> [BinaryFrameHeader] {
        call.downstream.state.withLock { $0.frames }
            .compactMap { $0.withUnsafeBytes { BinaryFrameHeader(decoding: $0) } }
    }

    @Test func `what was granted is said, and nothing else`() async {
        let call = Call()
        await call.says(
            #"{"type":"hello","v":"1.0","features":["binary","tomorrow"],"audio":{"in":{"codec":"webm-opus"},"#
                + #""out":[{"codec":"tomorrow"},{"codec":"opus","frame_ms":60}]}}"#)
        let welcome = await call.downstream.first("welcome")
        #expect(welcome["features"] == ["binary"])
        #expect(welcome["audio"]?["in"]?["codec"] == "webm-opus")
        #expect(welcome["audio"]?["out"] == ["codec": "opus", "rate": 24_000, "channels": 1, "frame_ms": 60])
    }

    @Test func `a hello that cannot be met is refused, and another may follow`() async {
        let call = Call()
        await call.says(#"{"type":"hello","v":"1.0","audio":{"out":[{"codec":"mp3"}]}}"#)
        #expect(await call.downstream.first("error")["code"] == "unsupported_format")
        await call.says(#"{"type":"hello","v":"1.0"}"#)
        #expect(await call.downstream.first("welcome")["features"] == [])
    }

    @Test func `a binary frame of the microphone reaches the model`() async {
        let call = await Self.call(Self.binary)
        await call.sends(Self.frame([UInt8](repeating: 1, count: 960), sequence: 1))
        #expect(call.model.lines[0].audioBytes == 960)
    }

    @Test func `frames of other types and other streams are ignored`() async {
        let call = await Self.call(Self.binary)
        await call.sends(Self.frame([1, 2], type: 9))
        await call.sends(Self.frame([1, 2], stream: 1))
        #expect(call.model.lines[0].audioBytes == 0)
        #expect(!call.downstream.types.contains("error"))
    }

    @Test func `a frame without its header is told, and does not end the session`() async {
        let call = await Self.call(Self.binary)
        await call.sends([1, 2, 3])
        #expect(await call.downstream.first("error")["code"] == "bad_message")
        #expect(call.downstream.closed == nil)
    }

    @Test func `without the feature a binary frame ends the session with 1003`() async {
        for hello in [#"{"type":"ping"}"#, #"{"type":"hello","v":"1.0"}"#] {
            let call = Call()
            await call.says(hello)
            await call.sends(Self.frame([1, 2]))
            #expect(call.downstream.closed == .unsupportedData)
        }
    }

    @Test func `packets of Opus reach the model as samples, and a broken one is told`() async throws {
        let call = await Self.call(
            #"{"type":"hello","v":"1.0","features":["binary"],"audio":{"in":{"codec":"opus"}}}"#)
        var encoder = try OpusEncoder()
        for sequence in 0..<10 {
            let packet = try encoder.encode([Int16](repeating: 0, count: 480))
            await call.sends(Self.frame(packet, sequence: UInt32(sequence)))
        }
        #expect(call.model.lines[0].audioBytes == 9_600)
        await call.sends(Self.frame([0xFF, 0xFF, 0xFF]))
        #expect(await call.downstream.first("error")["code"] == "bad_audio")
        #expect(call.downstream.closed == nil)
    }

    @Test func `a reply comes in binary frames within the window, and none in JSON`() async {
        let call = await Self.call(Self.binary)
        await call.says(#"{"type":"text","text":"Hello?"}"#)
        await call.modelSays(
            .responseCreated(id: "r", metadata: [:]),
            .audioDelta(.reply("r"), audio: [UInt8](repeating: 1, count: 48_001)))
        #expect(self.audioFrames(call).count == 20)
        await call.advance(ms: 1_000)
        await call.modelSays(.responseDone(ResponseSummary(id: "r", status: .completed)))
        await call.advance(ms: 1_000)
        let frames = self.audioFrames(call)
        #expect(frames.map(\.mediaTimestamp) == (0...50).map { $0 * 480 })
        #expect(frames.first?.flags == .first)
        #expect(frames.last?.flags == .last)
        #expect(!call.downstream.types.contains("audio_delta"))
        #expect(await call.downstream.first("audio_start")["stream"] == 1)
        #expect(await call.downstream.first("audio_end")["total_ms"] == 1_000)
    }

    @Test func `after clear no frame of the old generation leaves`() async {
        let call = await Self.call(
            #"{"type":"hello","v":"1.0","features":["binary"],"audio":{"out":[{"codec":"opus"}]}}"#)
        await call.says(#"{"type":"text","text":"Hello?"}"#)
        await call.modelSays(
            .responseCreated(id: "r", metadata: [:]),
            .audioDelta(.reply("r"), audio: [UInt8](repeating: 1, count: 96_000)))
        let before = self.audioFrames(call).count
        #expect(before == 20)
        await call.says(#"{"type":"cancel"}"#)
        let generation = await call.downstream.first("clear")["generation"]?.integer
        #expect(generation == 1)
        await call.modelSays(.audioDelta(.reply("r"), audio: [UInt8](repeating: 1, count: 9_600)))
        await call.advance(ms: 5_000)
        #expect(self.audioFrames(call).count == before)
        #expect(await call.downstream.first("audio_end")["reason"] == "interrupted")
    }
}
