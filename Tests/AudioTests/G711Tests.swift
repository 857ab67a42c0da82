import Audio
import Testing

@Suite struct G711Tests {
    @Test func `the ends and the middle of both laws are those of the recommendation`() {
        #expect(G711.decodeMuLaw([0x00, 0x80, 0x7F, 0xFF, 0x01]) == [-32_124, 32_124, 0, 0, -31_100])
        #expect(G711.decodeALaw([0x55, 0xD5, 0x2A, 0xAA, 0x54]) == [-8, 8, -32_256, 32_256, -24])
    }

    @Test func `every byte survives decoding and encoding`() {
        let all = (0...255).map { UInt8($0) }
        // 0x7F is the negative zero of µ-law, and 0xFF the positive.
        #expect(G711.encodeMuLaw(G711.decodeMuLaw(all)) == all.map { $0 == 0x7F ? 0xFF : $0 })
        #expect(G711.encodeALaw(G711.decodeALaw(all)) == all)
    }

    @Test func `every sample comes back within the step of its segment`() {
        let all = (Int(Int16.min)...Int(Int16.max)).map { Int16($0) }
        for decoded in [G711.decodeMuLaw(G711.encodeMuLaw(all)), G711.decodeALaw(G711.encodeALaw(all))] {
            let worst = zip(all, decoded).map { abs(Int($0) - Int($1)) - max(16, abs(Int($0)) / 16) }.max() ?? 0
            #expect(worst <= 128)
        }
    }

    @Test func `a tone keeps more than 33 dB over its noise`() {
        let tone = Tone.samples(8_000, rate: 8_000)
        #expect(Tone.signalToNoise(G711.decodeMuLaw(G711.encodeMuLaw(tone)), against: tone) > 33)
        #expect(Tone.signalToNoise(G711.decodeALaw(G711.encodeALaw(tone)), against: tone) > 33)
    }
}
