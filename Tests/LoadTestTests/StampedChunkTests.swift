import Testing

@testable import LoadTest

@Suite struct StampedChunkTests {
    @Test func `stamps are found however the stream is cut`() {
        let stamps = (0..<50).map { UInt64($0) * 1_234_567_891 }
        let stream = stamps.flatMap { StampedChunk.make(byteCount: 1_920, nanoseconds: $0) }
        for piece in [2, 6, 16, 1_918, 1_920, 9_600, stream.count] {
            var reader = StampReader()
            var found: [UInt64] = []
            for start in stride(from: 0, to: stream.count, by: piece) {
                found += reader.push(Array(stream[start..<min(start + piece, stream.count)]))
            }
            #expect(found == stamps, "pieces of \(piece)")
        }
    }

    @Test func `what is no stamp is passed over`() {
        var reader = StampReader()
        #expect(reader.push(Array(repeating: 0x34, count: 4_000)).isEmpty)
        #expect(reader.push(StampedChunk.make(byteCount: 16, nanoseconds: 7)) == [7])
    }
}

@Suite struct LatencySummaryTests {
    @Test func `quantiles are those of the nearest rank`() {
        let summary = LatencySummary((1...200).map { .milliseconds($0) })
        #expect(summary.p50 == .milliseconds(100))
        #expect(summary.p95 == .milliseconds(190))
        #expect(summary.p99 == .milliseconds(198))
        #expect(summary.max == .milliseconds(200))
        #expect(LatencySummary([]).count == 0)
    }
}

@Suite struct ProcessUsageTests {
    @Test func `times are read behind a name with spaces and parentheses`() {
        let stat = "7 (a b) c) S 1 1 1 0 -1 0 0 0 0 0 250 50 0 0 20 0 1 0"
        #expect(ProcessUsage.cpuSeconds(stat: stat) == 3)
        #expect(ProcessUsage.proportionalBytes(smaps: "Rss:  12 kB\nPss:    10 kB\n") == 10_240)
        #expect(ProcessUsage.cpuSeconds(stat: "nonsense") == nil)
    }
}
