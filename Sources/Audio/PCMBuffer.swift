/// Decoded audio, as a container held it.
public struct PCMBuffer: Sendable, Equatable {
    /// Frames × channels, interleaved, native endian.
    public var samples: [Int16]
    /// Hz.
    public var sampleRate: Int
    public var channels: Int

    public init(samples: [Int16], sampleRate: Int, channels: Int) {
        self.samples = samples
        self.sampleRate = sampleRate
        self.channels = channels
    }

    var frames: Int { self.channels > 0 ? self.samples.count / self.channels : 0 }

    /// One channel: the mean of all, so that in-phase stereo keeps its level and cannot clip.
    consuming func mixedDown() -> [Int16] {
        guard self.channels > 1 else { return self.samples }
        let (channels, frames) = (self.channels, self.frames)
        return self.samples.withUnsafeBufferPointer { input in
            [Int16](unsafeUninitializedCapacity: frames) { output, count in
                for frame in 0..<frames {
                    var sum: Int32 = 0
                    for channel in 0..<channels { sum += Int32(input[frame * channels + channel]) }
                    output.initializeElement(at: frame, to: Int16(truncatingIfNeeded: sum / Int32(channels)))
                }
                count = frames
            }
        }
    }

    /// 24 kHz mono, which is what realtime models take.
    consuming func resampledForSpeech() throws(AudioError) -> [Int16] {
        let (rate, frames) = (self.sampleRate, self.frames)
        let mono = self.mixedDown()
        if rate == speechSampleRate { return mono }
        var resampler = try StreamResampler(from: rate, to: speechSampleRate)
        var output: [Int16] = []
        output.reserveCapacity(frames * speechSampleRate / rate + 64)
        try resampler.process(mono, into: &output)
        try resampler.finish(into: &output)
        return output
    }
}

/// Hz of everything that leaves this module for a model: `audio/pcm` of the Realtime protocol.
let speechSampleRate = 24_000
