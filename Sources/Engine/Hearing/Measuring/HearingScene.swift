import Foundation

/// A sound in which detectors are compared, and what is to be heard in it.
struct HearingScene: Sendable {
    enum Kind: Sendable, Equatable {
        /// Speech alone, or in noise at least 15 dB below it.
        case quiet
        /// Speech in noise at most 10 dB below it.
        case loud
        case withoutSpeech
    }

    let kind: Kind
    /// PCM16 at 24 kHz.
    let samples: [Int16]
    /// Where speech is, in milliseconds.
    let speech: Range<Int>?
}

extension HearingScene {
    private static let rate = 24_000
    /// Of speech in dB of full scale, as microphones near the mouth give it.
    private static let speechLevel = -24.0

    /// An utterance alone and in noise, with three seconds before and behind it.
    static func scenes(of utterance: [Int16]) -> [HearingScene] {
        let pause = [Double](repeating: 0, count: 3 * self.rate)
        let clean = pause + self.levelled(utterance) + pause
        guard let speech = self.speech(in: clean) else { return [] }
        let alone = HearingScene(kind: .quiet, samples: self.samples(clean), speech: speech)
        return [alone]
            + NoiseColour.allCases.flatMap { colour in
                [20.0, 15, 10, 5, 0].map { ratio in
                    var noise = NoiseSource(colour, seed: UInt64(ratio) + 1)
                    let room = noise.samples(clean.count, decibels: self.speechLevel - ratio)
                    return HearingScene(
                        kind: ratio < 15 ? .loud : .quiet, samples: self.samples(zip(clean, room).map { $0 + $1 }),
                        speech: speech)
                }
            }
    }

    /// Twelve seconds each in which nobody speaks: silence, hum, noise, noise that begins, clicks and slammed doors.
    static func speechless() -> [HearingScene] {
        let count = 12 * self.rate
        var sounds = [[Double](repeating: 0, count: count), self.hum(count)]
        for colour in NoiseColour.allCases {
            for level in [-60.0, -50, -40, -30] {
                var noise = NoiseSource(colour)
                sounds.append(noise.samples(count, decibels: level))
            }
            sounds.append(self.room(colour, count) { $0 < count / 2 ? 0 : pow(10, -38.0 / 20) })
        }
        sounds.append(self.room(.white, count) { $0 % self.rate < 240 ? 0.25 : 0 })
        sounds.append(
            self.room(.white, count) { 0.4 * exp(-Double($0 % (5 * self.rate / 2)) / 600) })
        return sounds.map { HearingScene(kind: .withoutSpeech, samples: self.samples($0), speech: nil) }
    }

    private static func hum(_ count: Int) -> [Double] {
        (0..<count).map { index in
            let turn = 2 * Double.pi * Double(index) / Double(self.rate)
            return 328 * sin(50 * turn) + 98 * sin(150 * turn)
        }
    }

    /// A quiet room with noise in it that comes and goes.
    private static func room(_ colour: NoiseColour, _ count: Int, _ envelope: (Int) -> Double) -> [Double] {
        var hiss = NoiseSource(.pink, seed: 7)
        var noise = NoiseSource(colour)
        return zip(hiss.samples(count, decibels: -60), noise.samples(count, decibels: 0)).enumerated().map {
            $1.0 + $1.1 * envelope($0)
        }
    }

    private static func levelled(_ utterance: [Int16]) -> [Double] {
        let loud = utterance.lazy.map { Double($0) }.filter { abs($0) > 200 }
        let power = loud.reduce(0) { $0 + $1 * $1 } / Double(max(1, loud.count))
        let gain = 32_768 * pow(10, self.speechLevel / 20) / max(power, 1).squareRoot()
        return utterance.map { Double($0) * gain }
    }

    /// From the first to the last 10 ms that are no more than 24 dB below the speech.
    private static func speech(in clean: [Double]) -> Range<Int>? {
        let length = self.rate / 100
        let least = pow(10, (self.speechLevel - 24) / 10) * 32_768 * 32_768 * Double(length)
        let loud = (0..<clean.count / length).filter { index in
            clean[index * length..<(index + 1) * length].reduce(0) { $0 + $1 * $1 } > least
        }
        guard let first = loud.first, let last = loud.last else { return nil }
        return first * 10..<last * 10 + 10
    }

    private static func samples(_ values: [Double]) -> [Int16] {
        values.map { Int16(max(-32_768, min(32_767, $0.rounded()))) }
    }
}
