import Testing

@testable import Audio

/// What every container of Opus must do alike.
@Suite struct OpusContainerTests {
    enum Container: String, CaseIterable { case webm, ogg, mp4, wideMP4, fragmentedMP4 }

    static func file(_ container: Container, _ clip: OpusClip) -> [UInt8] {
        switch container {
        case .webm: WebMBuilder.file(clip)
        case .ogg: OggBuilder.file(clip)
        case .mp4: MP4Builder.file(clip)
        case .wideMP4: MP4Builder.file(clip, wide: true)
        case .fragmentedMP4: MP4Builder.fragmented(clip)
        }
    }

    @Test(arguments: Container.allCases)
    func `a tone keeps its frequency, level and place`(container: Container) async throws {
        let output = try await decode(Self.file(container, OpusClip(milliseconds: 1_000)))
        #expect(abs(Tone.frequency(of: output, rate: 24_000) - 440) < 0.5)
        #expect(abs(Tone.level(of: output)) < 0.5)
        // Of the right phase: a delay of one sample would leave 18 dB.
        #expect(Tone.signalToNoise(output, against: Tone.samples(24_000, rate: 24_000)) > 20)
    }

    @Test(arguments: [Container.webm, .ogg, .mp4, .wideMP4], [20, 100, 333, 1_000])
    func `priming and padding are cut to the sample`(container: Container, milliseconds: Int) async throws {
        let output = try await decode(Self.file(container, OpusClip(milliseconds: milliseconds)))
        #expect(output.count == milliseconds * 24)
    }

    @Test func `fragments have no end of their own, so the padding of the last packet stays`() async throws {
        let output = try await decode(MP4Builder.fragmented(OpusClip(milliseconds: 100)))
        #expect(2_400..<(2_400 + 480) ~= output.count)
    }

    @Test(arguments: [Container.webm, .ogg], 0..<25 as Range<UInt64>)
    func `a file in pieces gives the same samples as the whole`(container: Container, seed: UInt64) async throws {
        let file = Self.file(container, try OpusClip(milliseconds: 400))
        var random = SeededGenerator(seed)
        var decoder = try OpusStreamDecoder(container == .webm ? .webm : .ogg)
        var output: [Int16] = []
        for piece in random.pieces(of: file, upTo: 400) { try decoder.push(piece, into: &output) }
        try decoder.finish()
        #expect(output == (try await decode(file)))
    }

    @Test(arguments: Container.allCases) func `a file cut anywhere only throws`(container: Container) async throws {
        let file = Self.file(container, try OpusClip(milliseconds: 100))
        for length in 0..<file.count {
            let output = try? await decode(Array(file.prefix(length)))
            #expect((output?.count ?? 0) <= 2_880)
        }
    }

    @Test(arguments: Container.allCases, 0..<4 as Range<UInt64>)
    func `a file with flipped bits only throws`(container: Container, seed: UInt64) async throws {
        let file = Self.file(container, try OpusClip(milliseconds: 100))
        var random = SeededGenerator(seed)
        for _ in 0..<500 { _ = await refusal(of: random.damaged(file)) }
    }

    @Test(arguments: Container.allCases) func `a file with every length replaced only throws`(container: Container)
        async throws
    {
        let file = Self.file(container, try OpusClip(milliseconds: 60))
        for offset in 0..<(file.count - 4) {
            for value in [0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFF8] as [UInt32] {
                var damaged = file
                damaged.replaceSubrange(offset..<(offset + 4), with: bigEndian(value))
                _ = await refusal(of: damaged)
            }
        }
    }
}
