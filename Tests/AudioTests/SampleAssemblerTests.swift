import Audio
import Testing

@Suite struct SampleAssemblerTests {
    @Test func `an odd byte waits for the next piece`() {
        var assembler = SampleAssembler()
        #expect(assembler.push([0x34]) == [])
        #expect(!assembler.isAligned)
        #expect(assembler.push([0x12, 0xFF, 0xFF, 0x01]) == [0x1234, -1])
        #expect(!assembler.isAligned)
        #expect(assembler.push([]) == [])
        #expect(assembler.push([0x80]) == [-32_767])
        #expect(assembler.isAligned)
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func `pieces give the same samples as the whole`(seed: UInt64) {
        var random = SeededGenerator(seed)
        let samples = (0..<1_000).map { _ in Int16.random(in: .min ... .max, using: &random) }
        var assembler = SampleAssembler()
        let pieces = random.pieces(of: samples.flatMap { littleEndian($0) }, upTo: 200)
        #expect(pieces.flatMap { assembler.push($0) } == samples)
        #expect(assembler.isAligned)
    }
}
