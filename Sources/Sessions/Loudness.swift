/// Whether there is anything to hear in a recording.
enum Loudness {
    // -50 dBFS: quiet enough for a soft voice, above what an idle microphone or a coder's dither leaves behind.
    private static let threshold = 100.0
    private static let frameSamples = 480
    // A click is shorter, the shortest word is not.
    private static let minFrames = 5

    /// How much of a piece of microphone audio is loud enough for a voice, in whole frames of 20 ms or less.
    ///
    /// - Parameter pcm: PCM16 24 kHz mono in native byte order.
    static func voicedMs(_ pcm: UnsafeRawBufferPointer) -> Int {
        let samples = pcm.bindMemory(to: Int16.self)
        var voiced = 0
        var start = 0
        while start < samples.count {
            let end = min(start + self.frameSamples, samples.count)
            var energy = 0.0
            for sample in samples[start..<end] { energy += Double(sample) * Double(sample) }
            // Four times the power of the quietest speech: over a reply the room is not silent.
            if (energy / Double(end - start)).squareRoot() > 2 * self.threshold { voiced += end - start }
            start = end
        }
        return voiced / 24
    }

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
