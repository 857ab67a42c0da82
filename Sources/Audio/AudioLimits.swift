/// What one utterance may cost; each limit is checked before the memory that it bounds is taken.
public struct AudioLimits: Sendable, Equatable {
    /// Encoded bytes: 120 s of the 128 kbit/s that phones record are 1.9 MiB, of 24 kHz PCM16 5.5 MiB.
    public var maxBytes = 8 << 20
    /// Decoded seconds.
    public var maxSeconds = 120.0
    /// Seconds over ``maxSeconds`` that still pass: codec delay and the padding of a last packet.
    public var toleranceSeconds = 0.25
    /// Decoded PCM16 bytes for each encoded byte. At 24 kHz mono, Opus speech at 6 kbit/s reaches 64 and near silence
    /// with discontinuous transmission (1.3 kbit/s) 295; packets of one byte, of which one MB lasts hours, reach 5,760.
    public var maxExpansion = 512

    public init() {}

    public init(maxBytes: Int, maxSeconds: Double, maxExpansion: Int = 512) {
        self.maxBytes = maxBytes
        self.maxSeconds = maxSeconds
        self.maxExpansion = maxExpansion
    }

    /// The most frames (one sample of every channel) that a decoder at `sampleRate` may return.
    public func maxFrames(at sampleRate: Int) -> Int {
        let frames = max(0, self.maxSeconds + self.toleranceSeconds) * Double(max(0, sampleRate))
        return frames < 1e15 ? Int(frames) : Int(1e15)
    }

    func check(encodedBytes: Int) throws(AudioError) {
        guard encodedBytes <= self.maxBytes else {
            throw AudioError(.tooLarge, "audio of \(encodedBytes) bytes exceeds the limit of \(self.maxBytes) bytes")
        }
    }

    func check(frames: Int, sampleRate: Int) throws(AudioError) {
        guard frames <= self.maxFrames(at: sampleRate) else {
            let seconds = (Double(frames) / Double(sampleRate) * 10).rounded() / 10
            throw AudioError(.tooLong, "audio of \(seconds) s or more exceeds the limit of \(self.maxSeconds) s")
        }
    }

    /// The first second is free: a very short clip is mostly headers or mostly silence, and costs nothing.
    func check(decodedBytes: Int, encodedBytes: Int) throws(AudioError) {
        let (allowed, overflow) = encodedBytes.multipliedReportingOverflow(by: self.maxExpansion)
        guard overflow || decodedBytes <= max(allowed, 2 * 48_000) else {
            throw AudioError(
                .tooLarge,
                "audio of \(encodedBytes) bytes expands to \(decodedBytes) bytes or more, "
                    + "over \(self.maxExpansion) times its size")
        }
    }
}
