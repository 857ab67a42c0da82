import Testing

@testable import vaani_media

@Suite struct PCMOutputTests {
    @Test(arguments: [
        (Float(0), Int16(0)), (0.5, 16_384), (-0.5, -16_384), (1, .max), (-1, .min), (7, .max), (-7, .min),
        (.infinity, .max), (-.infinity, .min), (.nan, 0), (.greatestFiniteMagnitude, .max), (1 / 65_000, 1),
    ]) func `any float becomes a sample`(float: Float, sample: Int16) {
        #expect(PCMOutput.pcm16(float) == sample)
    }

    @Test func `a file with more damaged packets than sound ones is refused`() throws {
        var health = Health()
        health.frameDecoded()
        try health.packetDamaged()
        try health.check()
        try health.packetDamaged()
        #expect(throws: DecodeFailure.bad("2 of 3 packets are damaged")) { try health.check() }
    }

    @Test func `noise is given up before its end`() throws {
        var health = Health()
        for _ in 0..<64 { try health.packetDamaged() }
        #expect(throws: DecodeFailure.self) { try health.packetDamaged() }
    }
}
