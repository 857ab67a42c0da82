/// Takes for speech what is louder than the room and, by libspeexdsp, no noise.
///
/// The level says when, the library says what: it learns within a second what noise is, and the floor rises to loud noise, too.
/// Until then what is as loud as at first counts as noise. The louder the room, the less can speech stand out of it, and the less is asked of its level.
final class CombinedDetector: SpeechDetector {
    /// Below it the library is sure that nobody speaks. Percent.
    private static let noise = 60
    /// In frames.
    private static let longestVowel = 50
    private static let quietRoom: Float = -45
    private static let loudRoom: Float = -40

    private let voice = SpeexVoice()
    private var meter = LevelMeter()
    private var floor = NoiseFloor()
    private var spell = SpeechSpell()
    private var opening = OpeningNoise()
    private var previousLevel: Float = -100
    /// Frames in a row that are noise to the library.
    private var doubtfulFrames = 0

    func judge(_ frame: UnsafeBufferPointer<Int16>, threshold: Double) -> SpeechVerdict {
        let level = self.meter.level(of: frame)
        let likelihood = self.voice.likelihood(of: frame)
        self.doubtfulFrames = likelihood < Self.noise ? self.doubtfulFrames + 1 : 0
        let isNoise = self.opening.isNoise(level)
        let verdict = isNoise ? .silence : self.verdict(level, likelihood, threshold)
        self.floor.hear(level, isQuiet: self.spell.isSpeech ? !self.isVoicePossible : verdict != .speech)
        self.previousLevel = level
        self.spell.hear(verdict)
        return verdict
    }

    /// To the library a long vowel is noise; nobody holds one for longer.
    private var isVoicePossible: Bool { self.doubtfulFrames < Self.longestVowel }

    private func verdict(_ level: Float, _ likelihood: Int, _ threshold: Double) -> SpeechVerdict {
        let floor = self.floor.level
        let wanted = SpeexDetector.bar(threshold)
        let usual = LevelDetector.bar(threshold)
        let bar = max(2, usual - max(0, floor - Self.quietRoom) / 2)
        // The library is a frame late, which is a good part of what stands out of loud noise.
        let loudest = floor > Self.loudRoom ? max(level, self.previousLevel) : level
        if likelihood >= wanted, loudest - floor > bar { return .speech }
        if self.spell.isSpeech, self.isVoicePossible, level - floor > usual { return .faint }
        return likelihood >= wanted - SpeexDetector.slack && level - floor > max(1.5, bar - 4) ? .faint : .silence
    }
}
