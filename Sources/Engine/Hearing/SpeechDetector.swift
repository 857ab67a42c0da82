/// Judges pieces of 20 ms of one microphone, one after the other, and learns the room from them.
///
/// It has state of its own, and is therefore no part of `EngineMachine`: the session owns it, and the machine is told its
/// verdicts.
protocol SpeechDetector: AnyObject {
    /// - Parameters:
    ///   - frame: `SpeechFrame.samples` samples, PCM16 at 24 kHz.
    ///   - threshold: 0 hears everything, 1 only what is loud and clear.
    func judge(_ frame: UnsafeBufferPointer<Int16>, threshold: Double) -> SpeechVerdict
}

/// What a detector thinks of one frame.
enum SpeechVerdict: UInt8, Sendable, Equatable, CaseIterable {
    case silence
    /// Not enough to begin a turn, enough to go on with one.
    case faint
    case speech
}

/// The piece of sound that is judged at a time.
enum SpeechFrame {
    static let samples = 480
    static let milliseconds = 20
}

/// Who judges what is speech.
public enum SpeechDetectorKind: String, Sendable, CaseIterable {
    /// What is louder than the room and, by libspeexdsp, no noise.
    case combined
    /// libspeexdsp alone.
    case speex
    /// Energy above that of the room, alone.
    case level

    func makeDetector() -> any SpeechDetector {
        switch self {
        case .combined: CombinedDetector()
        case .speex: SpeexDetector()
        case .level: LevelDetector()
        }
    }
}

extension SpeechDetector {
    /// The verdicts on whole frames, in order; what is left behind them is not heard.
    func judge(_ frames: [Int16], threshold: Double) -> [SpeechVerdict] {
        frames.withUnsafeBufferPointer { samples in
            (0..<samples.count / SpeechFrame.samples).map { index in
                let start = index * SpeechFrame.samples
                return self.judge(
                    UnsafeBufferPointer(rebasing: samples[start..<start + SpeechFrame.samples]), threshold: threshold)
            }
        }
    }
}
