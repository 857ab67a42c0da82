import Foundation

/// What synthetic users sound like: a low voice that rises and falls with syllables, loud enough to be taken for speech.
///
/// PCM16 LE 24 kHz mono, made once and sent again and again.
enum Voice {
    static let sampleRate = 24_000
    static let bytesPerMillisecond = sampleRate / 1_000 * 2
    /// A syllable and the gap behind it; all pitches repeat in it without a seam.
    static let periodMilliseconds = 320

    /// - Parameter milliseconds: any length; the sound starts anew after each period.
    static func samples(milliseconds: Int) -> [Int16] {
        (0..<milliseconds * self.sampleRate / 1_000).map(self.sample)
    }

    /// The same as bytes.
    static func pcm(milliseconds: Int) -> [UInt8] {
        self.samples(milliseconds: milliseconds).flatMap {
            [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
        }
    }

    static func silence(milliseconds: Int) -> [UInt8] {
        Array(repeating: 0, count: milliseconds * self.bytesPerMillisecond)
    }

    private static func sample(at index: Int) -> Int16 {
        let period = self.periodMilliseconds * self.sampleRate / 1_000
        let time = Double(index % period) / Double(self.sampleRate)
        // 150 Hz and overtones that fall off, as a voice has them, so that level, pitch and crossings all look like one.
        let tone = (1...8).reduce(0.0) { sum, overtone in
            sum + sin(2 * .pi * 150 * Double(overtone) * time) / Double(overtone)
        }
        let syllable = pow(sin(.pi * time * 1_000 / Double(self.periodMilliseconds)), 2)
        return Int16(tone * (0.15 + 0.85 * syllable) * 5_000)
    }
}
