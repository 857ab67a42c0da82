/// Takes for speech what libspeexdsp does, with the limits that its authors recommend for conversations.
///
/// It hears through loud noise, takes new noise for speech for a second, and notices 0.3 s late that nobody speaks any more.
final class SpeexDetector: SpeechDetector {
    private let voice = SpeexVoice()

    func judge(_ frame: UnsafeBufferPointer<Int16>, threshold: Double) -> SpeechVerdict {
        let likelihood = self.voice.likelihood(of: frame)
        let bar = Self.bar(threshold)
        return likelihood >= bar ? .speech : likelihood >= bar - Self.slack ? .faint : .silence
    }

    /// What a turn may fall below the bar without ending, in percent.
    static let slack = 15

    /// Percent: 80 at the usual threshold of 0.5.
    static func bar(_ threshold: Double) -> Int { 65 + Int(30 * threshold) }
}
