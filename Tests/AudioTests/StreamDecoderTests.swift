import Testing

@testable import Audio

@Suite struct StreamDecoderTests {
    private typealias Format = StreamDecoder.Format

    private static func decode(_ pieces: [ArraySlice<UInt8>], _ format: StreamDecoder.Format) throws -> [Int16] {
        var decoder = try StreamDecoder(format)
        var samples: [Int16] = []
        for piece in pieces { try decoder.decode(Array(piece), into: &samples) }
        return samples
    }

    private static func bytes(_ samples: [Int16]) -> [UInt8] { samples.withUnsafeBytes { Array($0) } }

    static let formats: [StreamDecoder.Format] = [
        .mulaw, .alaw, .webmOpus, .pcm16(rate: 24_000, channels: 1), .pcm16(rate: 24_000, channels: 2),
        .pcm16(rate: 8_000, channels: 1), .pcm16(rate: 16_000, channels: 2), .pcm16(rate: 44_100, channels: 1),
        .pcm16(rate: 48_000, channels: 2),
    ]

    /// A second of 440 Hz.
    private static func second(_ format: StreamDecoder.Format) throws -> [UInt8] {
        switch format {
        case .pcm16(let rate, let channels): Self.bytes(Tone.samples(rate, rate: rate, channels: channels))
        case .mulaw: G711.encodeMuLaw(Tone.samples(8_000, rate: 8_000))
        case .alaw: G711.encodeALaw(Tone.samples(8_000, rate: 8_000))
        case .opus: []
        case .webmOpus: WebMBuilder.file(try OpusClip(milliseconds: 1_000))
        }
    }

    @Test(arguments: formats) func `pieces cut anywhere give what the whole gives`(format: StreamDecoder.Format) throws
    {
        var random = SeededGenerator(11)
        let whole = try Self.second(format)
        let expected = try Self.decode([whole[...]], format)
        for _ in 0..<5 {
            #expect(try Self.decode(random.pieces(of: whole, upTo: 4_000), format) == expected)
        }
    }

    @Test(arguments: formats) func `a tone arrives with its frequency and its level`(format: StreamDecoder.Format)
        throws
    {
        let samples = try Self.decode([try Self.second(format)[...]], format)
        // A live stream has no end: what a filter holds back, at most 31 ms, comes with the next piece.
        #expect(samples.count <= 24_001 && samples.count > 24_000 - 31 * 24)
        #expect(abs(Tone.frequency(of: samples, rate: 24_000) - 440) < 0.5)
        #expect(abs(Tone.level(of: samples)) < 0.6)
    }

    @Test func `packets of Opus are decoded as they come`() throws {
        let clip = try OpusClip(milliseconds: 1_000)
        let samples = try Self.decode(clip.packets.map { $0[...] }, .opus)
        #expect(samples.count == clip.packets.count * 480)
        #expect(abs(Tone.frequency(of: samples, rate: 24_000) - 440) < 0.5)
    }

    @Test func `what is skipped keeps the place in the stream`() throws {
        for format in Self.formats where format != .webmOpus {
            var decoder = try StreamDecoder(format)
            var samples: [Int16] = []
            let whole = try Self.second(format)
            // An odd number of bytes, in the middle of a frame.
            try whole.prefix(1_001).withUnsafeBytes { try decoder.skip($0) }
            try decoder.decode(Array(whole.dropFirst(1_001)), into: &samples)
            #expect(abs(Tone.frequency(of: samples, rate: 24_000) - 440) < 1, "\(format)")
        }
    }

    @Test func `a recorder that nobody heard at first is understood later`() throws {
        let file = WebMBuilder.file(try OpusClip(milliseconds: 1_000))
        var decoder = try StreamDecoder(.webmOpus)
        var samples: [Int16] = []
        try file.prefix(1_500).withUnsafeBytes { try decoder.skip($0) }
        try decoder.decode(Array(file.dropFirst(1_500)), into: &samples)
        #expect(samples.count > 12_000)
        #expect(abs(Tone.frequency(of: samples, rate: 24_000) - 440) < 1)
    }

    @Test func `a recorder may run for hours`() throws {
        let file = WebMBuilder.file(try OpusClip(milliseconds: 400))
        let packets = try OpusClip(milliseconds: 400).packets
        var decoder = try StreamDecoder(.webmOpus)
        var samples: [Int16] = []
        try decoder.decode(file, into: &samples)
        var count = samples.count
        for _ in 0..<500 {
            samples = []
            let cluster = WebMBuilder.cluster() + packets.flatMap { WebMBuilder.simpleBlock($0) }
            try decoder.decode(cluster, into: &samples)
            count += samples.count
        }
        #expect(count > 190 * 24_000)
    }

    @Test func `a broken recording is told once, and the next one is heard`() throws {
        let file = WebMBuilder.file(try OpusClip(milliseconds: 400))
        var decoder = try StreamDecoder(.webmOpus)
        var samples: [Int16] = []
        var errors = 0
        let begun = WebMBuilder.header() + WebMBuilder.segment() + WebMBuilder.tracks()
        for piece in [begun, [0, 0, 0, 0, 0, 0], [1, 2, 3], Array("noise".utf8)] as [[UInt8]] {
            do throws(AudioError) {
                try decoder.decode(piece, into: &samples)
            } catch { errors += 1 }
        }
        #expect(errors == 1)
        samples = []
        try decoder.decode(file, into: &samples)
        #expect(abs(samples.count - 9_600) < 480)
    }

    @Test func `a small piece cannot hold the event loop for long`() throws {
        // Packets of one byte hold 120 ms each: 4 bytes of silk in three frames of 40 ms would be 4 hours in a megabyte.
        let bomb =
            WebMBuilder.header() + WebMBuilder.segment() + WebMBuilder.tracks()
            + (0..<2_000).flatMap { _ in WebMBuilder.simpleBlock([0x18 | 3, 2]) }
        var decoder = try StreamDecoder(.webmOpus)
        var samples: [Int16] = []
        do throws(AudioError) {
            try decoder.decode(bomb, into: &samples)
            Issue.record("\(samples.count) samples were decoded")
        } catch { #expect(error.code == .tooLarge || error.code == .badAudio) }
        #expect(samples.count <= 11 * 24_000)
    }

    @Test(arguments: [StreamDecoder.Format.pcm16(rate: 8_000, channels: 1), .mulaw])
    func `a piece of minutes is refused, and the stream goes on`(format: StreamDecoder.Format) throws {
        var decoder = try StreamDecoder(format)
        var samples: [Int16] = []
        let minutes = [UInt8](repeating: 0, count: 400_000)
        #expect(throws: AudioError.self) { try decoder.decode(minutes, into: &samples) }
        try decoder.decode(Array(minutes.prefix(8_000)), into: &samples)
        #expect(samples.count > 10_000)
    }

    @Test(arguments: formats + [.opus]) func `no bytes trap`(format: StreamDecoder.Format) throws {
        var random = SeededGenerator(23)
        let seed =
            format == .opus ? try OpusClip(milliseconds: 40).packets[1] : Array(try Self.second(format).prefix(900))
        for _ in 0..<200 {
            var decoder = try StreamDecoder(format)
            var samples: [Int16] = []
            for piece in random.pieces(of: random.damaged(seed), upTo: 300) {
                _ = try? decoder.decode(Array(piece), into: &samples)
            }
            #expect(samples.count < 30 * 24_000)
        }
    }

    @Test func `a reset forgets half a sample`() throws {
        var decoder = try StreamDecoder(.pcm16(rate: 24_000, channels: 2))
        var samples: [Int16] = []
        try decoder.decode([1, 2, 3], into: &samples)
        try decoder.reset()
        try decoder.decode(Self.bytes([100, 200, 300, 400]), into: &samples)
        #expect(samples == [150, 350])
    }

    @Test func `only PCM16 as the model takes it goes through untouched`() throws {
        var plain = try StreamDecoder(.pcm16(rate: 24_000, channels: 1))
        let wasTransparent = plain.isTransparent
        #expect(wasTransparent)
        var samples: [Int16] = []
        try plain.decode([1, 1, 1], into: &samples)
        let isTransparent = plain.isTransparent
        #expect(!isTransparent)
        let isOpusTransparent = try StreamDecoder(.opus).isTransparent
        #expect(!isOpusTransparent)
    }

    @Test(arguments: [
        StreamDecoder.Format.pcm16(rate: 7_999, channels: 1), .pcm16(rate: 48_001, channels: 1),
        .pcm16(rate: 24_000, channels: 0), .pcm16(rate: 24_000, channels: 3),
    ]) func `what is not taken is refused`(format: StreamDecoder.Format) {
        do throws(AudioError) {
            _ = try StreamDecoder(format)
            Issue.record("\(format) was taken")
        } catch { #expect(error.code == .unsupportedFormat) }
    }
}
