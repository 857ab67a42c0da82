import Testing

/// Each test also checks, through `MediaHelper.use`, that one and the same process goes on serving.
@Suite struct HostileMediaTests {
    private static let names = [
        "tone-440.m4a", "tone-440-24000-mono.m4a", "tone-440-fragmented.m4a", "tone-440.mp3", "tone-440-stereo.aac",
    ]

    @Test(arguments: names) func `a file cut off anywhere is refused or shorter`(name: String) async throws {
        let fixture = try Fixture.named(name)
        try await MediaHelper.use { helper in
            for part in 0..<40 {
                let file = Array(fixture.content.prefix(fixture.content.count * part / 40))
                guard try await helper.refusal(file, fixture.format) == nil else { continue }
                #expect(try await helper.decode(file, fixture.format).seconds < fixture.seconds)
            }
        }
    }

    @Test(arguments: ["tone-440.m4a", "tone-440-24000-mono.m4a"])
    func `a file with an index is whole or refused`(name: String) async throws {
        let fixture = try Fixture.named(name)
        try await MediaHelper.use { helper in
            for part in 0..<40 {
                let file = Array(fixture.content.prefix(fixture.content.count * part / 40))
                let refusal = try await helper.refusal(file, fixture.format)
                #expect(refusal?.hasPrefix("bad_audio: ") == true, "\(file.count) of \(fixture.content.count) bytes")
            }
        }
    }

    @Test(arguments: names) func `flipped bits are survived`(name: String) async throws {
        let fixture = try Fixture.named(name)
        var dice = Dice(seed: 440)
        try await MediaHelper.use { helper in
            for round in 0..<60 {
                var file = fixture.content
                // Every other round hits only the beginning or the end, where headers are.
                let region = [0..<file.count, 0..<min(800, file.count), max(0, file.count - 1_200)..<file.count][
                    round % 3]
                for _ in 0...round / 4 {
                    file[Int.random(in: region, using: &dice)] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
                }
                _ = try await helper.refusal(file, fixture.format)
            }
        }
    }

    @Test(arguments: ["m4a", "mp3", "adts"]) func `noise is refused`(format: String) async throws {
        var dice = Dice(seed: 7)
        let magic: [UInt8] =
            ["m4a": [0, 0, 0, 24] + Array("ftypM4A ".utf8), "adts": [0xFF, 0xF1, 0x50]][format] ?? []
        try await MediaHelper.use { helper in
            for length in 0..<60 {
                let noise = (0..<length * length * 4).map { _ in UInt8.random(in: 0...255, using: &dice) }
                #expect(try await helper.refusal(noise, format) != nil)
                _ = try await helper.refusal(magic + noise, format)
            }
        }
    }

    @Test func `every hostile fixture gets its answer`() async throws {
        try await MediaHelper.use { helper in
            for (name, format, expected) in Self.hostileFixtures {
                let refusal = try await helper.refusal(Fixture.hostile(name), format)
                #expect(refusal == expected, "\(name) as \(format)")
            }
        }
    }

    private static let hostileFixtures: [(String, String, String?)] = [
        ("truncated.m4a", "m4a", "bad_audio: the bytes are no m4a file, or are cut off"),
        ("truncated-indexed.m4a", "m4a", "bad_audio: the m4a file is cut off or damaged"),
        ("absurd-index.m4a", "m4a", "bad_audio: the recording holds no sound"),
        ("absurd-duration.m4a", "m4a", nil),
        ("overlapping-index.m4a", "m4a", "bad_audio: the index of the m4a file points to more bytes than the file has"),
        ("empty.m4a", "m4a", "bad_audio: a file of 0 bytes"),
        ("html.m4a", "m4a", "bad_audio: the bytes are no m4a file, or are cut off"),
        ("html.m4a", "mp3", "bad_audio: the bytes are no mp3 file, or are cut off"),
        ("html.m4a", "adts", "bad_audio: the bytes are no adts file, or are cut off"),
        ("changing.aac", "adts", "unsupported_format: the sample rate or channels change within the recording"),
    ]

    @Test func `other codecs in mp4 are named and refused`() async throws {
        let opus = try Fixture.named("tone-440.opus.mp4")
        try await MediaHelper.use { helper in
            let refusal = try await helper.refusal(opus.content, "m4a")
            #expect(refusal == "unsupported_format: audio codec opus; aac and mp3 are taken")
        }
    }

    @Test(arguments: [
        "", "\n", "{}\nx", "[]\nx", #"{"format":"wav","max_seconds":1,"max_expansion":1}"# + "\nx",
        #"{"format":"m4a","max_seconds":-1,"max_expansion":1}"# + "\nx",
        #"{"format":"m4a","max_seconds":1,"max_expansion":9223372036854775807}"# + "\nx",
    ]) func `a malformed request is refused`(request: String) async throws {
        try await MediaHelper.use { helper in
            await #expect(throws: (any Error).self) {
                for try await _ in helper.pool.call(Array(request.utf8)) {}
            }
        }
    }
}

/// SplitMix64: the same rolls each time.
private struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
