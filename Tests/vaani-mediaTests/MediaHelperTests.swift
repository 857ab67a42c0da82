import Foundation
import Testing

@Suite struct MediaHelperTests {
    @Test(arguments: try Fixture.forHelper()) func `a recording decodes to its own length and level`(
        fixture: Fixture
    ) async throws {
        try await MediaHelper.use { helper in
            let audio = try await helper.decode(fixture.content, fixture.format)
            #expect(audio.sampleRate == fixture.sampleRate)
            #expect(audio.channels == fixture.channels)
            let excess = audio.seconds - fixture.seconds
            #expect(fixture.saysItsPadding ? abs(excess) <= 0.030 : (0...0.047).contains(excess), "\(excess) s")
            for channel in 0..<audio.channels {
                let difference = decibels(audio.channel(channel)) - (try Self.expectedLevel(of: fixture))
                #expect(abs(difference) < 1, "\(difference) dB")
            }
        }
    }

    @Test(arguments: try Fixture.forHelper().filter(\.isTone)) func `a tone stays at 440 Hz in every channel`(
        fixture: Fixture
    ) async throws {
        try await MediaHelper.use { helper in
            let audio = try await helper.decode(fixture.content, fixture.format)
            for channel in 0..<audio.channels {
                #expect(abs(frequency(audio.channel(channel), audio.sampleRate) - 440) < 1)
            }
        }
    }

    /// Of a sine with a peak of -12 dBFS, or of the recording that was encoded.
    private static func expectedLevel(of fixture: Fixture) throws -> Double {
        if fixture.isTone { return -12 - 20 * log10(2.squareRoot()) }
        let name = try #require(fixture.name.split(separator: ".").first.map { "\($0).wav" })
        let wav = try Fixture.named(name).content.dropFirst(44)
        let samples = stride(from: wav.startIndex, to: wav.endIndex - 1, by: 2).map { index in
            Double(Int16(bitPattern: UInt16(wav[index]) | UInt16(wav[index + 1]) << 8))
        }
        return decibels(samples)
    }

    @Test func `a recording may be as long as the request says, and no longer`() async throws {
        let tone = try Fixture.named("tone-440.m4a")
        try await MediaHelper.use { helper in
            #expect(try await helper.refusal(tone.content, tone.format, maxSeconds: 1.05) == nil)
            let refusal = try await helper.refusal(tone.content, tone.format, maxSeconds: 0.9)
            #expect(refusal?.hasPrefix("too_large: ") == true)
        }
    }

    @Test func `hours of silence in a small file are given up early`() async throws {
        // 13 bytes for 23 ms: 44.1 kHz mono.
        let frame: [UInt8] = [0xFF, 0xF1, 0x50, 0x40, 0x01, 0xBF, 0xFC, 0x00, 0xC8, 0x00, 0x80, 0x23, 0x80]
        let hour = [UInt8](Array(repeating: frame, count: 155_000).joined())
        try await MediaHelper.use { helper in
            let long = try await helper.refusal(hour, "adts")
            #expect(long == "too_large: the recording is longer than 120 s")
            let wide = try await helper.refusal(Array(hour.prefix(13_000)), "adts", maxExpansion: 100)
            #expect(wide == "too_large: the recording of 13000 bytes decodes to more than 100 times its size")
            #expect(try await helper.refusal(Array(hour.prefix(13_000)), "adts") == nil)
        }
    }

    @Test func `a caller who goes leaves the helper ready for the next`() async throws {
        let tone = try Fixture.named("tone-440.m4a")
        let request = Array(#"{"format":"m4a","max_seconds":9,"max_expansion":99}"#.utf8) + [10] + tone.content
        try await MediaHelper.use { helper in
            for try await _ in helper.pool.call(request) { break }
            #expect(try await helper.refusal(tone.content, tone.format) == nil)
        }
    }

    @Test func `two hundred files later the helper is no larger`() async throws {
        let files = try ["tone-440.m4a", "tone-440.mp3", "tone-440.aac"].map { try Fixture.named($0) }
        let broken = try Fixture.hostile("truncated-indexed.m4a")
        try await MediaHelper.use { helper in
            func decodeAll(times: Int) async throws {
                for _ in 0..<times {
                    for file in files { #expect(try await helper.refusal(file.content, file.format) == nil) }
                    #expect(try await helper.refusal(broken, "m4a") != nil)
                }
            }
            let process = try #require(helper.pool.processIDs.first)
            try await decodeAll(times: 10)
            let before = try residentPages(of: process)
            try await decodeAll(times: 50)
            #expect(try residentPages(of: process) - before < 256)
        }
    }
}

/// Root mean square, dBFS.
private func decibels(_ samples: [Double]) -> Double {
    10 * log10(samples.reduce(0) { $0 + $1 * $1 } / Double(samples.count)) - 20 * log10(32_768)
}

/// From the zero crossings of the middle, where no codec fades in or out.
private func frequency(_ samples: [Double], _ sampleRate: Int) -> Double {
    let middle = samples[samples.count / 10..<samples.count * 9 / 10]
    let rising = zip(middle.indices, zip(middle, middle.dropFirst())).filter { $0.1.0 < 0 && $0.1.1 >= 0 }.map(\.0)
    guard let first = rising.first, let last = rising.last, last > first else { return 0 }
    return Double((rising.count - 1) * sampleRate) / Double(last - first)
}

private func residentPages(of process: Int32) throws -> Int {
    let statm = try String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8)
    return try #require(statm.split(separator: " ").dropFirst().first.flatMap { Int($0) })
}
