import Foundation
import Synchronization

/// Speaks in tones: one beep a syllable, a pause between words, the pitch by the voice.
///
/// For tests, and for machines without the speech helper: the rhythm is that of the text, the words are not heard.
public struct ToneSynthesizer: SpeechSynthesizer {
    private static let sampleRate = 24_000
    private static let syllableSamples = 3_600  // 150 ms
    private static let pauseSamples = 1_440  // 60 ms

    public init() {}

    public func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<[Int16], any Error> {
        let pitch = Self.pitch(of: request.voice)
        let speed = min(4, max(0.25, request.speed))
        let words = Mutex(Self.syllables(of: request.text)[...])
        // Made when asked for: who listens slowly holds up nobody, and fills no memory.
        return AsyncThrowingStream {
            words.withLock { $0.popFirst() }.map { Self.word(syllables: $0, pitch: pitch, speed: speed) }
        }
    }

    /// How many beeps each word gets: one for every three letters, so that long words take longer.
    static func syllables(of text: String) -> [Int] {
        text.split(whereSeparator: \.isWhitespace).map { min(8, ($0.count + 2) / 3) }
    }

    /// Hertz; every voice has its own.
    static func pitch(of voice: String) -> Double {
        let voices = ["cedar", "ash", "echo", "ballad", "verse", "alloy", "sage", "marin", "coral", "shimmer"]
        return 150 + 15 * Double(voices.firstIndex(of: voice.lowercased()) ?? 5)
    }

    private static func word(syllables: Int, pitch: Double, speed: Double) -> [Int16] {
        let length = Int(Double(self.syllableSamples) / speed)
        let pause = Int(Double(self.pauseSamples) / speed)
        var samples: [Int16] = []
        samples.reserveCapacity(syllables * length + pause)
        for _ in 0..<syllables {
            for index in 0..<length {
                let time = Double(index) / Double(self.sampleRate)
                // A half sine as envelope: no clicks, and gaps between syllables.
                let envelope = sin(.pi * Double(index) / Double(length))
                samples.append(Int16(8_000 * envelope * sin(2 * .pi * pitch * time)))
            }
        }
        samples.append(contentsOf: repeatElement(0, count: pause))
        return samples
    }
}
