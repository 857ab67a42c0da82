import Foundation

/// A tone in the voice of an Opus microphone that says which second of four it is.
///
/// No stamp survives a lossy codec bit by bit, but a tone does. It is as long as one chunk and begins half a chunk
/// before one, so that after the delay of two codecs, 5 to 13 ms, it fills one chunk of the echo more than any other.
enum Marker {
    /// Above the overtones of the voice, below what codecs leave out.
    static let frequencies = [1_500.0, 2_100, 2_700, 3_300]
    private static let amplitude = 9_000.0
    // More than half, so that of two neighbours only one can have it.
    private static let leastShare = 0.55

    /// Chunks from one marker to the next.
    static func period(chunkMilliseconds: Int) -> Int { 1_000 / chunkMilliseconds }

    /// The place in the cycle of the chunk that a marker fills.
    static func place(_ marker: Int, chunkMilliseconds: Int) -> Int {
        marker * self.period(chunkMilliseconds: chunkMilliseconds) + 1
    }

    /// The voice for one cycle, a second for each marker.
    static func cycle(chunkMilliseconds: Int) -> [Int16] {
        let chunk = chunkMilliseconds * Voice.sampleRate / 1_000
        var samples = Voice.samples(milliseconds: 1_000 * self.frequencies.count)
        for (marker, frequency) in self.frequencies.enumerated() {
            let start = marker * Voice.sampleRate + chunk / 2
            for index in 0..<chunk {
                let angle = 2 * Double.pi * frequency * Double(index) / Double(Voice.sampleRate)
                samples[start + index] = Int16(self.amplitude * sin(angle))
            }
        }
        return samples
    }

    /// Which marker fills these samples of one chunk; nil where none does.
    static func find(in samples: ArraySlice<Int16>) -> Int? {
        let levels = self.frequencies.map { self.amplitude(of: $0, in: samples) }
        guard let loudest = levels.indices.max(by: { levels[$0] < levels[$1] }) else { return nil }
        return levels[loudest] >= self.leastShare * self.amplitude ? loudest : nil
    }

    /// Goertzel's filter: one bin of a Fourier transform.
    private static func amplitude(of frequency: Double, in samples: ArraySlice<Int16>) -> Double {
        let angle = 2 * Double.pi * frequency / Double(Voice.sampleRate)
        let factor = 2 * cos(angle)
        var last = 0.0, previous = 0.0
        for sample in samples { (last, previous) = (Double(sample) + factor * last - previous, last) }
        let power = last * last + previous * previous - factor * last * previous
        return 2 * max(0, power).squareRoot() / Double(max(1, samples.count))
    }
}
