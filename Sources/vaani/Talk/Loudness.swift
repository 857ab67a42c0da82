/// How loud a recording is over its length, as a line of bars.
enum Loudness {
    private static let bars = Array("▁▂▃▄▅▆▇█")

    /// - Parameters:
    ///   - samples: PCM16.
    ///   - columns: bars at most.
    static func line(_ samples: [Int16], columns: Int = 32) -> String {
        guard !samples.isEmpty, columns > 0 else { return "" }
        let width = max(1, (samples.count + columns - 1) / columns)
        return String(
            stride(from: 0, to: samples.count, by: width).map { start in
                self.bar(peak: samples[start..<min(start + width, samples.count)].lazy.map { abs(Int($0)) }.max() ?? 0)
            })
    }

    /// 6 dB a bar, from -42 dB of full scale up.
    private static func bar(peak: Int) -> Character {
        var level = self.bars.count - 1
        var threshold = 16_384
        while level > 0, peak < threshold {
            level -= 1
            threshold /= 2
        }
        return self.bars[level]
    }
}
