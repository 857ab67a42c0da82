import Foundation
import Testing

@testable import Audio

/// Real encoders' files, against the WAV of the same clip.
@Suite struct FixtureTests {
    @Test(arguments: try FixtureFile.all().filter { $0.codec == "opus" || $0.format == "wav" })
    func `the same clip agrees within 1 dB and 30 ms in every format`(file: FixtureFile) async throws {
        let all = try FixtureFile.all()
        let clip = file.clip == "tone-440-48000-stereo" ? "tone-440" : file.clip
        let wave = try #require(all.first { $0.clip == clip && $0.format == "wav" })
        let (output, reference) = try await (decode(file.bytes()), decode(wave.bytes()))
        #expect(abs(output.count - reference.count) <= 30 * 24)
        #expect(abs(Tone.level(of: output) - Tone.level(of: reference)) < 1)
        // Steps of 2 ms; a steady tone has no place of its own.
        if clip != "tone-440" { #expect(abs(Self.lag(of: output, behind: reference)) <= 15) }
    }

    @Test(arguments: try FixtureFile.all().filter { $0.hint != nil })
    func `a tone without a header is 440 Hz at -12 dBFS and as long as it should be`(file: FixtureFile) async throws {
        let output = try await decode(file.bytes(), hint: file.audioHint)
        #expect(abs(output.count - (file.durationMs ?? 0) * 24) <= 1)
        #expect(abs(Tone.frequency(of: output, rate: 24_000) - 440) < 0.5)
        let fullScale = 20 * log10(32_768 / Tone.amplitude)
        #expect(abs(Tone.level(of: output) - (fullScale - 12)) < 0.2)
    }

    @Test func `every file is sniffed as the format that it is`() throws {
        for file in try FixtureFile.all() where file.hostile == nil && file.hint == nil {
            #expect(ContainerFormat.sniff(try file.bytes())?.rawValue == file.format, "\(file.path)")
        }
    }

    @Test(arguments: try FixtureFile.all().filter { $0.codec == "opus" && $0.format != "m4a" })
    func `a recording in pieces gives the same samples as the whole`(file: FixtureFile) async throws {
        let bytes = try file.bytes()
        var random = SeededGenerator(3)
        var decoder = try OpusStreamDecoder(try #require(ContainerFormat(rawValue: file.format)))
        var output: [Int16] = []
        for piece in random.pieces(of: bytes, upTo: 500) { try decoder.push(piece, into: &output) }
        try decoder.finish()
        #expect(output == (try await decode(bytes)))
    }

    @Test(arguments: try FixtureFile.all().filter { $0.hostile != nil })
    func `a file made to do harm is refused in words`(file: FixtureFile) async throws {
        let error = await refusal(of: try file.bytes(), hint: AudioHint(format: file.format))
        #expect(error != nil && error?.message.isEmpty == false)
    }

    /// The shift, in steps of 2 ms and at most 50 of them, at which the loudness of both agrees best.
    static func lag(of samples: [Int16], behind reference: [Int16]) -> Int {
        let (late, early) = (self.loudness(samples), self.loudness(reference))
        func agreement(_ shift: Int) -> Double {
            early.indices.reduce(0.0) { sum, index in
                late.indices.contains(index + shift) ? sum + early[index] * late[index + shift] : sum
            }
        }
        return (-50...50).max { agreement($0) < agreement($1) } ?? .max
    }

    private static func loudness(_ samples: [Int16]) -> [Double] {
        stride(from: 0, to: samples.count - 48, by: 48).map { begin in
            samples[begin..<(begin + 48)].reduce(0.0) { $0 + abs(Double($1)) }
        }
    }
}
