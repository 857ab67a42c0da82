import JSON
import Testing

@testable import LoadTest

@Suite struct StampTests {
    private static let chunkBytes = MicrophoneMessages().chunkBytes(.json)

    private func stamps(_ count: Int) -> [Stamp] {
        (0..<count).map { Stamp(sequence: UInt32($0), sentAt: UInt64($0) * 1_234_567_891, echoedAt: UInt64($0)) }
    }

    private func chunk(_ stamp: Stamp, byteCount: Int = chunkBytes) -> [UInt8] {
        var chunk = Array(Voice.pcm(milliseconds: 40).prefix(byteCount))
        chunk.withUnsafeMutableBytes { StampedChunk.write(stamp, to: $0) }
        return chunk
    }

    @Test(arguments: [2, 6, 16, 30, 1_918, 1_920, 3_840, 9_600, 96_000])
    func `stamps are found however the stream is cut`(piece: Int) {
        let stamps = self.stamps(50)
        let stream = stamps.flatMap { self.chunk($0) }
        var raw = StampReader(chunkBytes: Self.chunkBytes), text = StampReader(chunkBytes: Self.chunkBytes)
        var foundRaw: [Stamp] = [], foundText: [Stamp] = []
        for start in stride(from: 0, to: stream.count, by: piece) {
            let bytes = Array(stream[start..<min(start + piece, stream.count)])
            bytes.withUnsafeBytes { raw.read(pcm: $0) { foundRaw.append($0) } }
            Base64.encode(bytes).withUnsafeBytes { text.read(base64: $0) { foundText.append($0) } }
        }
        #expect(foundRaw == stamps)
        #expect(foundText == stamps)
    }

    @Test func `what is no stamp is passed over`() {
        var reader = StampReader(chunkBytes: Self.chunkBytes)
        var found: [Stamp] = []
        let noise = Array(repeating: UInt8(0x34), count: 4_000) + StampedChunk.mark.dropLast(2)
        noise.withUnsafeBytes { reader.read(pcm: $0) { found.append($0) } }
        #expect(found.isEmpty)
        let stamp = Stamp(sequence: 7, sentAt: 8)
        self.chunk(stamp).withUnsafeBytes { reader.read(pcm: $0) { found.append($0) } }
        #expect(found == [stamp])
    }

    @Test(arguments: ["", "A", "====", "NBLM7VZK", "NBLM7VZK\"\\u0000", String(repeating: "NBLM7VZK", count: 320)])
    func `text that is no audio is no stamp`(text: String) {
        var reader = StampReader(chunkBytes: Self.chunkBytes)
        var found: [Stamp] = []
        Array(text.utf8).withUnsafeBytes { reader.read(base64: $0) { found.append($0) } }
        #expect(found.isEmpty)
    }

    @Test func `a message is made once and carries each stamp in turn`() throws {
        let messages = MicrophoneMessages()
        let voice = Voice.pcm(milliseconds: Voice.periodMilliseconds)
        for stamp in self.stamps(20) {
            let audio = try messages.voiced(.json, Int(stamp.sequence)).withStamp(stamp) { message in
                let event = try #require(ShallowObject(message))
                #expect(event.string("type") == "audio_chunk")
                return try #require(event.plainBytes("audio").flatMap { Base64.decode($0) })
            }
            #expect(audio.count == Self.chunkBytes)
            #expect(audio.withUnsafeBytes { StampedChunk.read($0) } == stamp)
            // Behind the stamp it is the voice, in order.
            let start = Int(stamp.sequence) * Self.chunkBytes % voice.count
            #expect(audio[28...].elementsEqual(voice[start + 28..<start + Self.chunkBytes]))
        }
    }

    @Test func `a binary frame has its number, its time and 40 ms of sound`() {
        let messages = MicrophoneMessages()
        let message = messages.voiced(.binary, 0)
        message.setHead(0x0102_0304, at: 4)
        message.setHead(480, at: 8)
        let stamp = Stamp(sequence: 1, sentAt: 2, echoedAt: 3)
        message.withStamp(stamp) { frame in
            #expect(frame.count == 16 + 1_920)
            #expect(Array(frame[..<12]) == [1, 0, 0, 0, 1, 2, 3, 4, 0, 0, 1, 0xE0])
            #expect(StampedChunk.read(frame, at: 16) == stamp)
        }
    }

    @Test func `a recording is a WAV file whose stamp is near its end`() throws {
        let stamp = Stamp(sequence: 9, sentAt: 10)
        let messages = MicrophoneMessages()
        let wav = try messages.utterance.withStamp(stamp) { message in
            let event = try #require(ShallowObject(message))
            return try #require(event.plainBytes("audio").flatMap { Base64.decode($0) })
        }
        #expect(wav.count == 44 + MicrophoneMessages.utteranceMilliseconds * Voice.bytesPerMillisecond)
        #expect(Array(wav[..<4]) == Array("RIFF".utf8))
        var reader = StampReader(chunkBytes: Self.chunkBytes)
        var found: [Stamp] = []
        wav.withUnsafeBytes { reader.read(pcm: $0) { found.append($0) } }
        #expect(found == [stamp])
    }

    @Test func `audio is found in a message by its key alone`() {
        func audio(_ text: String) -> String? {
            Array(text.utf8).withUnsafeBytes { text in
                AudioMember.find(#""audio":""#, in: text).map { String(decoding: $0, as: UTF8.self) }
            }
        }
        #expect(audio(#"{"seq":1,"type":"audio_delta","audio":"QUJD"}"#) == "QUJD")
        #expect(audio(#"{"audio":"QUJD","type":"audio_response"}"#) == "QUJD")
        for other in [
            #"{"type":"welcome","audio":{"in":1}}"#, #"{"audio":""}"#, #"{"audio":"QUJD"#, "", "\"", #"{"audio":""#,
            #"{"text":"\"audio\":\"x"}"#,
        ] {
            #expect(audio(other) == nil, "\(other)")
        }
        #expect(audio(String(repeating: " ", count: 600) + #""audio":"QUJD""#) == nil)
    }
}
