import Foundation

/// Takes for speech what is louder than the room.
///
/// It is exact in time, and takes noise for speech that was there before anybody spoke and is louder than a room usually is.
final class LevelDetector: SpeechDetector {
    private var meter = LevelMeter()
    private var floor = NoiseFloor()
    private var spell = SpeechSpell()

    func judge(_ frame: UnsafeBufferPointer<Int16>, threshold: Double) -> SpeechVerdict {
        let level = self.meter.level(of: frame)
        let margin = level - self.floor.level
        let bar = Self.bar(threshold)
        self.floor.hear(level, isQuiet: !self.spell.isSpeech && margin < bar)
        let verdict: SpeechVerdict = margin > bar ? .speech : margin > bar - 4 ? .faint : .silence
        self.spell.hear(verdict)
        return verdict
    }

    /// dB above the floor: 9 at the usual threshold of 0.5, which background voices 20 dB down do not reach.
    static func bar(_ threshold: Double) -> Float { 3 + 12 * Float(threshold) }
}

/// The level of frames in dB of full scale, without hum and handling noise.
struct LevelMeter: Sendable, Equatable {
    private static let quietest: Float = 1e-10
    private var filter = HighPass()

    mutating func level(of frame: UnsafeBufferPointer<Int16>) -> Float {
        10 * log10(max(self.filter.energy(of: frame) / Float(frame.count), Self.quietest))
    }
}
