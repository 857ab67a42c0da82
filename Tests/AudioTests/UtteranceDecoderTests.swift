import Testing

@testable import Audio

@Suite struct UtteranceDecoderTests {
    @Test func `samples without a header are 24 kHz mono unless the hint says otherwise`() async throws {
        let tone = Tone.samples(2_400, rate: 24_000)
        let bytes = tone.flatMap { littleEndian($0) }
        #expect(try await decode(bytes, hint: AudioHint(format: "pcm16")) == tone)
        #expect(try await decode(bytes, hint: AudioHint(format: "pcm", sampleRate: 48_000)).count == 1_200)
        #expect(try await decode(bytes, hint: AudioHint(format: "pcm", channels: 2)).count == 1_200)
        #expect(try await decode(bytes, hint: AudioHint(format: "audio/pcm;rate=12000;channels=2")).count == 2_400)
    }

    @Test(arguments: ["mulaw", "alaw"]) func `telephone audio becomes 24 kHz`(format: String) async throws {
        let tone = Tone.samples(8_000, rate: 8_000)
        let bytes = format == "mulaw" ? G711.encodeMuLaw(tone) : G711.encodeALaw(tone)
        let output = try await decode(bytes, hint: AudioHint(format: format))
        #expect(output.count == 24_000)
        #expect(abs(Tone.frequency(of: output, rate: 24_000) - 440) < 0.2)
        #expect(abs(Tone.level(of: output)) < 0.2)
    }

    @Test func `samples without a header must be whole and of a sane rate`() async {
        #expect(await refusal(of: [1, 2, 3], hint: AudioHint(format: "pcm16"))?.code == .badAudio)
        #expect(await refusal(of: [1, 2], hint: AudioHint(format: "pcm16", channels: 2))?.code == .badAudio)
        for (rate, channels) in [(7_999, 1), (48_001, 1), (-1, 1), (.max, 1), (24_000, 0), (24_000, 3), (24_000, .min)]
        {
            let hint = AudioHint(format: "pcm16", sampleRate: rate, channels: channels)
            #expect(await refusal(of: [1, 2, 3, 4], hint: hint)?.code == .unsupportedFormat)
        }
    }

    @Test func `what nobody knows is refused by name`() async {
        #expect(await refusal(of: [])?.code == .badAudio)
        #expect(await refusal(of: [1, 2, 3, 4])?.code == .badAudio)
        let flac = await refusal(of: ascii("fLaC...."))
        #expect(flac?.code == .unsupportedFormat && flac?.message.contains("flac") == true)
        let gibberish = await refusal(of: [1, 2, 3, 4], hint: AudioHint(format: "gibberish"))
        #expect(gibberish?.code == .unsupportedFormat && gibberish?.message.contains("gibberish") == true)
    }

    @Test func `a later piece of a recording, sent alone, is told that it lacks its header`() async {
        let error = await refusal(of: [0xA3, 0x44, 0x55, 0x66], hint: AudioHint(format: "webm"))
        #expect(error?.code == .badAudio && error?.message.contains("header") == true)
    }

    @Test func `advanced audio coding goes to the helper and is made 24 kHz mono`() async throws {
        let stereo = PCMBuffer(
            samples: Tone.samples(44_100, rate: 44_100, channels: 2), sampleRate: 44_100, channels: 2)
        let helper = HelperDouble(.success(stereo))
        let file = try MP4Builder.file(OpusClip(milliseconds: 500, bitsPerSecond: 64_000), codec: "mp4a")
        let output = try await decode(file, helper: helper)
        #expect(output.count == 24_000)
        #expect(abs(Tone.level(of: output)) < 0.1)
        _ = try await decode([0xFF, 0xF1, 0x50, 0x80] + file, helper: helper)
        _ = try await decode(ascii("ID3\u{4}") + file, helper: helper)
        #expect(helper.formats == [.m4a, .adts, .mp3])
    }

    @Test func `an error of the helper is the caller's`() async {
        let error = AudioError(.badAudio, "aac frame 3 is broken")
        #expect(await refusal(of: [0xFF, 0xF1, 0x50, 0x80], helper: HelperDouble(.failure(error))) == error)
    }

    @Test func `what the helper returns is judged like what came in`() async {
        let adts = [0xFF, 0xF1, 0x50, 0x80] + [UInt8](repeating: 0, count: 2_000)
        let answers: [(PCMBuffer, AudioError.Code)] = [
            (PCMBuffer(samples: [], sampleRate: 44_100, channels: 2), .badAudio),
            (PCMBuffer(samples: [1, 2, 3], sampleRate: 0, channels: 1), .unsupportedFormat),
            (PCMBuffer(samples: [1, 2, 3], sampleRate: 44_100, channels: 0), .unsupportedFormat),
            (PCMBuffer(samples: [Int16](repeating: 0, count: 121 * 8_000), sampleRate: 8_000, channels: 1), .tooLarge),
            (PCMBuffer(samples: [Int16](repeating: 0, count: 600_000), sampleRate: 44_100, channels: 1), .tooLarge),
        ]
        for (answer, code) in answers {
            #expect(await refusal(of: adts, helper: HelperDouble(.success(answer)))?.code == code)
        }
    }

    @Test func `more bytes than the limit are refused before they are read`() async {
        let limits = AudioLimits(maxBytes: 100, maxSeconds: 120)
        #expect(await refusal(of: [UInt8](repeating: 0, count: 101), limits: limits)?.code == .tooLarge)
        #expect(await refusal(of: WAV.encode([1, 2]), limits: limits) == nil)
    }

    @Test func `more seconds than the limit are refused in every format`() async throws {
        let clip = try OpusClip(milliseconds: 1_500)
        let tone = Tone.samples(36_000, rate: 24_000)
        let files = [
            WAV.encode(tone), WebMBuilder.file(clip), OggBuilder.file(clip), MP4Builder.file(clip),
            MP4Builder.fragmented(clip),
        ]
        for file in files {
            #expect(await refusal(of: file, limits: AudioLimits(maxBytes: 1 << 20, maxSeconds: 1))?.code == .tooLarge)
            #expect(await refusal(of: file, limits: AudioLimits(maxBytes: 1 << 20, maxSeconds: 1.5)) == nil)
        }
        let hint = AudioHint(format: "pcm16")
        let limits = AudioLimits(maxBytes: 1 << 20, maxSeconds: 1)
        #expect(await refusal(of: tone.flatMap { littleEndian($0) }, hint: hint, limits: limits)?.code == .tooLarge)
    }

    @Test func `packets of one byte cannot unfold to hours, while quiet speech passes`() async throws {
        let silence = OpusPacketTests.packet(configuration: 3, code: 3, frames: 2)
        let bomb = WebMBuilder.header() + WebMBuilder.segment() + WebMBuilder.tracks() + WebMBuilder.cluster()
        let blocks = (0..<200).flatMap { _ in WebMBuilder.simpleBlock(silence) }
        #expect(await refusal(of: bomb + blocks)?.code == .tooLarge)
        let quiet = try OpusClip(milliseconds: 5_000, bitsPerSecond: 6_000)
        #expect(await refusal(of: WebMBuilder.file(quiet)) == nil)
    }
}
