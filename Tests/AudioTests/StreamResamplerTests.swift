import Testing

@testable import Audio

@Suite struct StreamResamplerTests {
    static let rates = [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000]

    @Test(arguments: rates, [1, 2]) func `a tone keeps its frequency, level and length`(rate: Int, channels: Int) throws
    {
        let tone = Tone.samples(rate, rate: rate, channels: channels)
        let output = try PCMBuffer(samples: tone, sampleRate: rate, channels: channels).resampledForSpeech()
        #expect(abs(output.count - 24_000) <= 1)
        #expect(abs(Tone.frequency(of: output, rate: 24_000) - 440) < 0.2)
        #expect(abs(Tone.level(of: output)) < 0.1)
    }

    @Test(arguments: rates) func `what is resampled has no delay and little noise`(rate: Int) throws {
        let output = try Self.resample(Tone.samples(rate, rate: rate), from: rate, to: 24_000)
        #expect(Tone.signalToNoise(output, against: Tone.samples(24_000, rate: 24_000)) > 70)
    }

    @Test func `a tone above half of the new rate is gone`() throws {
        let output = try Self.resample(Tone.samples(48_000, rate: 48_000, frequency: 15_000), from: 48_000, to: 24_000)
        #expect(Tone.level(of: output) < -70)
    }

    @Test(arguments: rates + [24_000], [24_000, 8_000, 48_000])
    func `pieces give the same samples as the whole`(from: Int, to: Int) throws {
        var random = SeededGenerator(UInt64(from + to))
        let whole = (0..<20_000).map { _ in Int16.random(in: -20_000...20_000, using: &random) }
        var resampler = try StreamResampler(from: from, to: to)
        var output: [Int16] = []
        for piece in random.pieces(of: whole, upTo: 2_000) { try resampler.process(Array(piece), into: &output) }
        try resampler.finish(into: &output)
        #expect(output == (try Self.resample(whole, from: from, to: to)))
    }

    @Test func `channels do not mix`() throws {
        let (left, right) = (Tone.samples(4_800, rate: 48_000), Tone.samples(4_800, rate: 48_000, frequency: 1_000))
        let both = zip(left, right).flatMap { [$0, $1] }
        let output = try Self.resample(both, from: 48_000, to: 24_000, channels: 2)
        #expect(
            stride(from: 0, to: output.count, by: 2).map { output[$0] }
                == (try Self.resample(left, from: 48_000, to: 24_000)))
        #expect(
            stride(from: 1, to: output.count, by: 2).map { output[$0] }
                == (try Self.resample(right, from: 48_000, to: 24_000)))
    }

    @Test func `every call gives something once the filter is full`() throws {
        var resampler = try StreamResampler(from: 48_000, to: 24_000)
        var emptyCalls = 0
        for _ in 0..<50 {
            var output: [Int16] = []
            try resampler.process(Tone.samples(960, rate: 48_000), into: &output)
            emptyCalls += output.isEmpty ? 1 : 0
        }
        #expect(emptyCalls <= 1)
    }

    @Test func `a long piece leaves no more than the filter's tail behind`() throws {
        var resampler = try StreamResampler(from: 8_000, to: 48_000)
        var output: [Int16] = []
        try resampler.process(Tone.samples(8_000, rate: 8_000), into: &output)
        #expect(output.count > 48_000 - 48 * 50)
    }

    @Test func `silence stays silent`() throws {
        let output = try Self.resample([Int16](repeating: 0, count: 4_410), from: 44_100, to: 24_000)
        #expect(output == [Int16](repeating: 0, count: 2_400))
    }

    @Test func `a stream without samples ends without samples`() throws {
        #expect(try Self.resample([], from: 48_000, to: 24_000) == [])
    }

    @Test func `broken frames and odd rates are refused`() throws {
        var resampler = try StreamResampler(from: 48_000, to: 24_000, channels: 2)
        var output: [Int16] = []
        do throws(AudioError) {
            try resampler.process([1, 2, 3], into: &output)
            Issue.record("three samples of stereo were taken")
        } catch { #expect(error.code == .badAudio) }
        for (from, to, channels) in [
            (0, 24_000, 1), (24_000, -1, 1), (.max, 24_000, 1), (48_000, 24_000, 0), (48_000, 24_000, 9),
        ] {
            do throws(AudioError) {
                _ = try StreamResampler(from: from, to: to, channels: channels)
                Issue.record("\(channels) channels from \(from) to \(to) were taken")
            } catch { #expect(error.code == .unsupportedFormat) }
        }
    }

    static func resample(_ input: [Int16], from: Int, to: Int, channels: Int = 1) throws -> [Int16] {
        var resampler = try StreamResampler(from: from, to: to, channels: channels)
        var output: [Int16] = []
        try resampler.process(input, into: &output)
        try resampler.finish(into: &output)
        return output
    }
}
