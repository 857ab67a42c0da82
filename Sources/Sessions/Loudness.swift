/// Whether there is anything to hear in a recording.
enum Loudness {
    // -50 dBFS: quiet enough for a soft voice, above what an idle microphone or a coder's dither leaves behind.
    private static let threshold = 100.0
    private static let frameSamples = 480
    // A click is shorter, the shortest word is not.
    private static let minFrames = 5

    /// - Parameter samples: 24 kHz mono.
    static func holdsSpeech(_ samples: [Int16]) -> Bool {
        var loudFrames = 0
        var start = 0
        while start + self.frameSamples <= samples.count {
            var energy = 0.0
            for sample in samples[start..<start + self.frameSamples] { energy += Double(sample) * Double(sample) }
            if (energy / Double(self.frameSamples)).squareRoot() > self.threshold { loudFrames += 1 }
            if loudFrames >= self.minFrames { return true }
            start += self.frameSamples
        }
        return false
    }
}
