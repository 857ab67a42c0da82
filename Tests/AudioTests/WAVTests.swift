import Testing

@testable import Audio

@Suite struct WAVTests {
    @Test func `a file of 24 kHz mono comes back sample for sample`() async throws {
        let tone = Tone.samples(2_400, rate: 24_000)
        let file = WAV.encode(tone)
        #expect(file.count == 44 + 4_800)
        #expect(try await decode(file) == tone)
    }

    @Test func `samples and bytes give the same file`() {
        let tone = Tone.samples(100, rate: 24_000)
        let bytes = tone.flatMap { littleEndian($0) }
        #expect(WAV.encode(pcm: bytes) == WAV.encode(tone))
        #expect(WAV.encode(pcm: bytes + [1]) == WAV.encode(tone))
    }

    @Test func `the header tells rate and sizes`() {
        let header = WAV.encode([1, 2, 3], sampleRate: 16_000)
        #expect(Array(header[4..<8]) == littleEndian(UInt32(42)))
        #expect(Array(header[24..<32]) == littleEndian(UInt32(16_000)) + littleEndian(UInt32(32_000)))
        #expect(Array(header[40..<44]) == littleEndian(UInt32(6)))
    }

    @Test func `every encoding gives the same samples`() async throws {
        let tone = Tone.samples(480, rate: 24_000)
        let files: [(String, [UInt8], Double)] = [
            ("8 bits", Self.file(tag: 1, bits: 8, tone.map { UInt8(truncatingIfNeeded: Int($0) >> 8 + 128) }), 30),
            ("24 bits", Self.file(tag: 1, bits: 24, tone.flatMap { [0] + littleEndian($0) }), 100),
            ("32 bits", Self.file(tag: 1, bits: 32, tone.flatMap { [0, 0] + littleEndian($0) }), 100),
            ("float", Self.file(tag: 3, bits: 32, tone.flatMap { littleEndian((Float($0) / 32_768).bitPattern) }), 100),
            ("µ-law", Self.file(tag: 7, bits: 8, G711.encodeMuLaw(tone)), 33),
            ("A-law", Self.file(tag: 6, bits: 8, G711.encodeALaw(tone)), 33),
            ("extensible", Self.extensible(tone.flatMap { littleEndian($0) }), 100),
        ]
        for (name, file, quality) in files {
            let output = try await decode(file)
            #expect(output.count == 480 && Tone.signalToNoise(output, against: tone) > quality, "\(name)")
        }
    }

    @Test func `floats that are too loud clip, and those that are no number are silent`() async throws {
        let values: [Float] = [2, -2, .infinity, -.infinity, .nan, 0.5]
        let file = Self.file(tag: 3, bits: 32, values.flatMap { littleEndian($0.bitPattern) })
        #expect(try await decode(file) == [32_767, -32_768, 32_767, -32_768, 0, 16_384])
    }

    @Test func `stereo becomes the mean of both`() async throws {
        let file = Self.file(
            tag: 1, channels: 2, bits: 16, [1_000, 3_000, -32_768, -32_768, 7, -7].flatMap { littleEndian(Int16($0)) })
        #expect(try await decode(file) == [2_000, -32_768, 0])
    }

    @Test(arguments: [0, 0xFFFF_FFFF] as [UInt32])
    func `a file whose writer could not seek is read to its end`(size: UInt32) async throws {
        let tone = Tone.samples(480, rate: 24_000)
        var file = WAV.encode(tone)
        file.replaceSubrange(40..<44, with: littleEndian(size))
        file.replaceSubrange(4..<8, with: littleEndian(size))
        #expect(try await decode(file) == tone)
    }

    @Test func `odd chunks and what follows the data are passed over`() async throws {
        let tone = Tone.samples(10, rate: 24_000)
        let plain = WAV.encode(tone)
        let file =
            plain.prefix(12) + ascii("LIST") + littleEndian(UInt32(3)) + [1, 2, 3, 0] + plain.dropFirst(12)
            + ascii("LIST") + littleEndian(UInt32(4)) + [1, 2, 3, 4]
        #expect(try await decode(Array(file)) == tone)
    }

    @Test func `what is no audio is refused with the right word`() async {
        let data = [UInt8](repeating: 1, count: 64)
        #expect(await refusal(of: WAV.encode([]))?.code == .badAudio)
        #expect(await refusal(of: Self.file(tag: 0x55, bits: 16, data))?.code == .unsupportedFormat)
        #expect(await refusal(of: Self.file(tag: 1, bits: 12, data))?.code == .unsupportedFormat)
        #expect(await refusal(of: Self.file(tag: 1, channels: 0, bits: 16, data))?.code == .unsupportedFormat)
        #expect(await refusal(of: Self.file(tag: 1, channels: 9, bits: 16, data))?.code == .unsupportedFormat)
        #expect(await refusal(of: Self.file(tag: 1, bits: 16, rate: 0, data))?.code == .unsupportedFormat)
        #expect(await refusal(of: Self.file(tag: 1, bits: 16, rate: .max, data))?.code == .unsupportedFormat)
        #expect(await refusal(of: Self.file(tag: 1, bits: 16, blockAlign: 3, data))?.code == .badAudio)
        #expect(
            await refusal(of: ascii("RIFF....WAVEdata") + littleEndian(UInt32(4)) + [1, 2, 3, 4])?.code == .badAudio)
    }

    static func file(
        tag: UInt16, channels: UInt16 = 1, bits: UInt16, rate: UInt32 = 24_000, blockAlign: UInt16? = nil,
        _ data: [UInt8], extra: [UInt8] = []
    ) -> [UInt8] {
        let format =
            littleEndian(tag) + littleEndian(channels) + littleEndian(rate) + littleEndian(UInt32(0))
            + littleEndian(blockAlign ?? channels * bits / 8) + littleEndian(bits) + extra
        let chunks =
            ascii("WAVEfmt ") + littleEndian(UInt32(format.count)) + format + ascii("data")
            + littleEndian(UInt32(data.count)) + data
        return ascii("RIFF") + littleEndian(UInt32(chunks.count)) + chunks
    }

    static func extensible(_ data: [UInt8]) -> [UInt8] {
        let guid: [UInt8] = [1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]
        return self.file(tag: 0xFFFE, bits: 16, data, extra: [22, 0, 16, 0, 4, 0, 0, 0] + guid)
    }
}
