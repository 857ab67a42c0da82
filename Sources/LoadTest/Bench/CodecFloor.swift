import Audio
import Foundation

/// What Opus alone costs a user: decoding the microphone and encoding the reply, without anything around it.
public enum CodecFloor {
    /// Milliseconds of CPU for one second of one user, as `vaani bench` has them: packets of the synthetic microphone
    /// decoded, and the same sound encoded as the gateway does.
    ///
    /// - Parameter seconds: of audio to measure over.
    public static func cpuMsPerUserSecond(
        _ settings: OpusEncoder.Settings = OpusEncoder.Settings(), chunkMilliseconds: Int = 20, seconds: Int = 60
    ) throws(AudioError) -> Double {
        let microphone = OpusMessages(chunkMilliseconds: chunkMilliseconds)
        let packets = (0..<microphone.count).map { Array(microphone.packet($0)) }
        var decoder = try OpusDecoder()
        var encoder = try OpusEncoder(settings, frameMs: chunkMilliseconds)
        var samples: [Int16] = []
        let start = self.threadSeconds
        for index in 0..<seconds * 1_000 / chunkMilliseconds {
            samples.removeAll(keepingCapacity: true)
            try decoder.decode(packets[index % packets.count], into: &samples)
            _ = try encoder.encode(samples)
        }
        return (self.threadSeconds - start) * 1_000 / Double(seconds)
    }

    private static var threadSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
