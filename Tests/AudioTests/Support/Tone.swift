#if canImport(Glibc)
    import Glibc
#endif

/// Makes and measures sine tones.
enum Tone {
    static let amplitude = 8_000.0

    /// `frames` of 440 Hz unless told otherwise, the same in every channel.
    static func samples(_ frames: Int, rate: Int, channels: Int = 1, frequency: Double = 440) -> [Int16] {
        (0..<frames).flatMap { frame in
            let value = Self.amplitude * sin(2 * .pi * frequency * Double(frame) / Double(rate))
            return repeatElement(Int16(value.rounded()), count: channels)
        }
    }

    /// Hz, from the zero crossings upwards in the middle three quarters.
    static func frequency(of samples: [Int16], rate: Int) -> Double {
        let middle = samples[(samples.count / 8)..<(samples.count * 7 / 8)]
        let crossings = zip(middle.indices, middle.indices.dropFirst()).compactMap { before, after -> Double? in
            let (low, high) = (Double(samples[before]), Double(samples[after]))
            return low < 0 && high >= 0 ? Double(before) + low / (low - high) : nil
        }
        guard let first = crossings.first, let last = crossings.last, last > first else { return 0 }
        return Double(crossings.count - 1) * Double(rate) / (last - first)
    }

    /// dB against a tone of ``amplitude``, over the middle three quarters.
    static func level(of samples: [Int16]) -> Double {
        let middle = samples[(samples.count / 8)..<(samples.count * 7 / 8)]
        let power = middle.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(middle.count)
        return 10 * log10(power / (Self.amplitude * Self.amplitude / 2))
    }

    /// dB of `samples` over their difference to `reference`, over the middle three quarters.
    static func signalToNoise(_ samples: [Int16], against reference: [Int16]) -> Double {
        let range = (reference.count / 8)..<(reference.count * 7 / 8)
        var (signal, noise) = (0.0, 1e-9)
        for index in range where index < samples.count {
            let difference = Double(samples[index]) - Double(reference[index])
            signal += Double(reference[index]) * Double(reference[index])
            noise += difference * difference
        }
        return 10 * log10(signal / noise)
    }
}
