import Foundation

/// Noise that is the same each time: the rooms in which detectors are compared.
enum NoiseColour: String, Sendable, CaseIterable {
    /// A hiss.
    case white
    /// Rain, a crowd far away.
    case pink
    /// A car, a fan.
    case brown
}

/// Makes samples of noise, as fractions of full scale with a level of about 0 dB.
struct NoiseSource: Sendable {
    private let colour: NoiseColour
    private var state: UInt64
    private var low: Double = 0
    private var middle: Double = 0
    private var high: Double = 0

    init(_ colour: NoiseColour, seed: UInt64 = 1) {
        self.colour = colour
        self.state = seed
    }

    mutating func next() -> Double {
        let white = self.white()
        switch self.colour {
        case .white: return white
        case .pink: return self.pink(white)
        case .brown:
            self.low = 0.995 * self.low + 0.1 * white
            return self.low
        }
    }

    /// - Parameter decibels: of full scale.
    mutating func samples(_ count: Int, decibels: Double) -> [Double] {
        let raw = (0..<count).map { _ in self.next() }
        let power = raw.reduce(0) { $0 + $1 * $1 } / Double(max(1, count))
        let gain = 32_768 * pow(10, decibels / 20) / max(power, 1e-12).squareRoot()
        return raw.map { $0 * gain }
    }

    private mutating func white() -> Double {
        self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(Int32(truncatingIfNeeded: self.state >> 32)) / 2_147_483_648 * 3.0.squareRoot()
    }

    /// Three poles an octave and a half apart each: -3 dB an octave, within 1 dB from 40 Hz up.
    private mutating func pink(_ white: Double) -> Double {
        self.low = 0.99765 * self.low + 0.0990460 * white
        self.middle = 0.96300 * self.middle + 0.2965164 * white
        self.high = 0.57000 * self.high + 1.0526913 * white
        return self.low + self.middle + self.high + 0.1848 * white
    }
}
