import Testing

@testable import Sessions

@Suite struct AudioPiecesTests {
    private func bytes(_ range: Range<Int>) -> [UInt8] { range.map { UInt8(truncatingIfNeeded: $0) } }

    @Test(arguments: [1, 2, 7, 64, 1_000]) func `any stretch that is kept can be had`(length: Int) {
        var audio = AudioPieces()
        for start in stride(from: 0, to: 1_000, by: length) {
            audio.append(self.bytes(start..<min(1_000, start + length)))
        }
        #expect(audio.count == 1_000)
        for range in [0..<1_000, 0..<0, 999..<1_000, 3..<11, 64..<128, 500..<501] {
            #expect(audio.bytes(range) == self.bytes(range))
        }
    }

    @Test func `what is let go of is gone, and positions stay`() {
        var audio = AudioPieces(from: 40)
        audio.append(self.bytes(40..<60))
        audio.append([])
        audio.append(self.bytes(60..<100))
        audio.drop(upTo: 55)
        audio.drop(upTo: 50)
        #expect((audio.start, audio.end, audio.count) == (55, 100, 45))
        #expect(audio.bytes(55..<70) == self.bytes(55..<70))
        audio.drop(upTo: 1_000)
        #expect((audio.start, audio.end) == (100, 100))
        audio.append(self.bytes(100..<110))
        #expect(audio.bytes(100..<110) == self.bytes(100..<110))
    }

    @Test func `an hour goes through with a second of it kept`() {
        var audio = AudioPieces()
        for index in 0..<90_000 {
            audio.append([UInt8](repeating: UInt8(truncatingIfNeeded: index), count: 3))
            audio.drop(upTo: audio.end - 75)
        }
        #expect(audio.count == 75)
        #expect(
            audio.bytes(audio.start..<audio.end)
                == (89_975..<90_000).flatMap { index in
                    [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: 3)
                })
    }
}
