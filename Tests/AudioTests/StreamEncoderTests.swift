import Testing

@testable import Audio

@Suite struct StreamEncoderTests {
    private typealias Codec = StreamEncoder.Codec
    private static let opus = Codec.opus(OpusEncoder.Settings(), clock: 24_000)

    private static func bytes(_ samples: [Int16]) -> [UInt8] { samples.withUnsafeBytes { Array($0) } }

    private static func samples(_ bytes: [UInt8]) -> [Int16] {
        var assembler = SampleAssembler()
        return assembler.push(bytes)
    }

    /// A response that comes in the given pieces.
    private static func encode(
        _ pieces: [ArraySlice<UInt8>], _ codec: Codec, frameMs: Int? = 20, leavesOutSilence: Bool = false
    ) throws -> [StreamEncoder.Piece] {
        var encoder = try StreamEncoder(codec, frameMs: frameMs, leavesOutSilence: leavesOutSilence)
        var encoded: [StreamEncoder.Piece] = []
        for piece in pieces { try encoder.encode(Array(piece), into: &encoded) }
        try encoder.finish(into: &encoded)
        return encoded
    }

    private static func decode(_ pieces: [StreamEncoder.Piece]) throws -> [Int16] {
        var decoder = try OpusDecoder()
        var samples: [Int16] = []
        for piece in pieces { try decoder.decode(piece.bytes, into: &samples) }
        return samples
    }

    static let codecs: [StreamEncoder.Codec] = [
        .pcm16(rate: 8_000), .pcm16(rate: 16_000), .pcm16(rate: 24_000), .pcm16(rate: 48_000), .mulaw, .alaw,
        .opus(OpusEncoder.Settings(), clock: 48_000),
        .opus(OpusEncoder.Settings(mode: .voip, complexity: 5), clock: 24_000),
    ]

    @Test(arguments: codecs) func `pieces cut anywhere give what the whole gives`(codec: StreamEncoder.Codec) throws {
        var random = SeededGenerator(7)
        let whole = Self.bytes(Tone.samples(24_000, rate: 24_000))
        let inPieces = try Self.encode(random.pieces(of: whole, upTo: 9_601), codec)
        #expect(inPieces == (try Self.encode([whole[...]], codec)))
    }

    @Test(arguments: codecs, [10, 20, 60, 100])
    func `every piece but the last is one frame, and they follow each other`(
        codec: StreamEncoder.Codec, frameMs: Int
    ) throws {
        let pieces = try Self.encode([Self.bytes(Tone.samples(8_001, rate: 24_000))[...]], codec, frameMs: frameMs)
        let clock =
            switch codec {
            case .pcm16(let rate): rate
            case .mulaw, .alaw: 8_000
            case .opus(_, let clock): clock
            }
        #expect(pieces.map(\.position) == pieces.indices.map { $0 * clock * frameMs / 1_000 })
        #expect(pieces.count >= 8_001 / (24 * frameMs))
    }

    @Test(arguments: [8_000, 16_000, 24_000, 48_000]) func `a tone has no seam at any rate`(rate: Int) throws {
        let whole = Self.bytes(Tone.samples(24_000, rate: 24_000))
        let pieces = try Self.encode([whole[...]], .pcm16(rate: rate))
        let output = Self.samples(pieces.flatMap(\.bytes))
        #expect(abs(output.count - rate) <= 1)
        #expect(Tone.signalToNoise(output, against: Tone.samples(rate, rate: rate)) > 70)
    }

    @Test(arguments: [StreamEncoder.Codec.mulaw, .alaw])
    func `a tone over the telephone has the noise of its law alone`(
        codec: StreamEncoder.Codec
    ) throws {
        let pieces = try Self.encode([Self.bytes(Tone.samples(24_000, rate: 24_000))[...]], codec)
        let bytes = pieces.flatMap(\.bytes)
        let output = codec == .mulaw ? G711.decodeMuLaw(bytes) : G711.decodeALaw(bytes)
        #expect(abs(output.count - 8_000) <= 1)
        #expect(Tone.signalToNoise(output, against: Tone.samples(8_000, rate: 8_000)) > 35)
    }

    @Test(arguments: OpusEncoder.Mode.allCases, [10, 20, 60, 100])
    func `a tone through Opus keeps its frequency, its level and its end`(mode: OpusEncoder.Mode, frameMs: Int) throws {
        let codec = Codec.opus(OpusEncoder.Settings(mode: mode), clock: 24_000)
        let input = Tone.samples(24_100, rate: 24_000)
        let output = try Self.decode(try Self.encode([Self.bytes(input)[...]], codec, frameMs: frameMs))
        #expect(output.count >= input.count && output.count <= input.count + 2 * 24 * frameMs)
        #expect(abs(Tone.frequency(of: Array(output.prefix(24_000)), rate: 24_000) - 440) < 0.5)
        #expect(abs(Tone.level(of: Array(output.prefix(24_000)))) < 0.5)
        let tail = output.dropFirst(23_700).prefix(400)
        #expect(Tone.level(of: Array(tail)) > -3)
    }

    @Test func `a tone through Opus has no step at the edge of a packet`() throws {
        let output = try Self.decode(
            try Self.encode([Self.bytes(Tone.samples(48_000, rate: 24_000))[...]], Self.opus))
        // The steepest slope of the tone is 922; what the codec adds to it is the same at the edges and between them.
        let steps = output.indices.dropFirst(4_800).dropLast(4_800).map { index in
            abs(Int(output[index]) - 2 * Int(output[index - 1]) + Int(output[index - 2]))
        }
        let edges = stride(from: 0, to: steps.count, by: 480).flatMap { steps[$0..<min($0 + 2, steps.count)] }
        #expect(edges.max() ?? 0 <= steps.max() ?? 0)
        #expect(edges.max() ?? .max < 400)
    }

    @Test func `a response goes on after another one without a trace of it`() throws {
        var encoder = try StreamEncoder(Self.opus, frameMs: 20)
        var (first, second): ([StreamEncoder.Piece], [StreamEncoder.Piece]) = ([], [])
        try encoder.encode(Self.bytes(Tone.samples(5_000, rate: 24_000)), into: &first)
        try encoder.finish(into: &first)
        try encoder.encode(Self.bytes([Int16](repeating: 0, count: 4_800)), into: &second)
        try encoder.finish(into: &second)
        #expect(second.first?.position == 0)
        let output = try Self.decode(first + second)
        let silence = output.dropFirst(first.count * 480 + 480)
        #expect(silence.allSatisfy { abs($0) < 64 })
    }

    @Test(arguments: codecs) func `after a reset nothing is left of what was before`(codec: StreamEncoder.Codec) throws
    {
        var encoder = try StreamEncoder(codec, frameMs: 20)
        var (given, after): ([StreamEncoder.Piece], [StreamEncoder.Piece]) = ([], [])
        try encoder.encode(Self.bytes(Tone.samples(5_001, rate: 24_000)) + [9], into: &given)
        encoder.reset()
        let next = Self.bytes(Tone.samples(4_800, rate: 24_000, frequency: 700))
        try encoder.encode(next, into: &after)
        try encoder.finish(into: &after)
        #expect(after == (try Self.encode([next[...]], codec)))
    }

    @Test(arguments: codecs) func `a response without audio has no pieces`(codec: StreamEncoder.Codec) throws {
        #expect(try Self.encode([], codec) == [])
        #expect(try Self.encode([[], [1]], codec) == [])
    }

    @Test func `silence is left out where that was agreed on, and takes its place`() throws {
        let silence = [Int16](repeating: 0, count: 24_000)
        let tone = Tone.samples(4_800, rate: 24_000)
        let pieces = try Self.encode([Self.bytes(tone + silence + tone)[...]], Self.opus, leavesOutSilence: true)
        // 10 frames of tone, one that ends it, 10 of tone after 50 of silence, and one for the tail.
        #expect(pieces.count == 22)
        #expect(pieces.map { $0.position / 480 } == Array(0...10) + Array(60...70))
        let all = try Self.encode([Self.bytes(tone + silence + tone)[...]], Self.opus)
        #expect(all.count == 71)
    }

    @Test func `without frames every piece is as long as what came`() throws {
        var encoder = try StreamEncoder(.pcm16(rate: 24_000), frameMs: nil)
        var pieces: [StreamEncoder.Piece] = []
        for count in [3, 4_801, 1] { try encoder.encode([UInt8](repeating: 1, count: count), into: &pieces) }
        #expect(pieces.map(\.bytes.count) == [2, 4_802])
        #expect(pieces.map(\.position) == [0, 1])
    }

    @Test func `what cannot be made is refused`() {
        for (codec, frameMs) in [
            (Codec.pcm16(rate: 96_000), 20), (.pcm16(rate: 7_999), 20), (Self.opus, 30), (Self.opus, 0),
            (.opus(OpusEncoder.Settings(complexity: 11), clock: 24_000), 20),
            (.opus(OpusEncoder.Settings(bitsPerSecond: -7), clock: 24_000), 20),
        ] {
            do throws(AudioError) {
                _ = try StreamEncoder(codec, frameMs: frameMs)
                Issue.record("\(codec) in pieces of \(frameMs) ms was taken")
            } catch { #expect(error.code == .unsupportedFormat) }
        }
    }
}
