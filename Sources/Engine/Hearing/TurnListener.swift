/// Where turns begin and end, from a detector's verdicts on frames of 20 ms.
///
/// It counts frames and reads no clock, so that audio may come faster or slower than real time.
struct TurnListener: Sendable, Equatable {
    struct Sensitivity: Sendable, Equatable {
        /// 0 hears everything, 1 only what is loud and clear.
        var threshold: Double
        /// Put in front of the first frame of speech, for the soft sounds that words begin with.
        var prefixPaddingMs: Int
        var silenceDurationMs: Int
    }

    enum Event: Sendable, Equatable {
        /// Milliseconds of all audio heard, padding included.
        case started(atMs: Int)
        case stopped(atMs: Int)
    }

    var sensitivity: Sensitivity
    private var spell = SpeechSpell()
    /// Frames judged since the session began.
    private var frames: Int
    private var endOfLastSpeechMs: Int

    /// - Parameter positionMs: of all audio of the session, where it begins to count.
    init(_ sensitivity: Sensitivity, positionMs: Int = 0) {
        self.sensitivity = sensitivity
        self.frames = positionMs / SpeechFrame.milliseconds
        self.endOfLastSpeechMs = positionMs
    }

    private var positionMs: Int { self.frames * SpeechFrame.milliseconds }

    /// What begins or ends with the next frame.
    mutating func hear(_ verdict: SpeechVerdict) -> Event? {
        self.frames += 1
        let patience = max(1, (self.sensitivity.silenceDurationMs + 19) / SpeechFrame.milliseconds)
        switch self.spell.hear(verdict, patience: patience) {
        case .began(let frames): return .started(atMs: self.start(framesAgo: frames))
        case .ended:
            self.endOfLastSpeechMs = self.positionMs
            return .stopped(atMs: self.positionMs)
        case nil: return nil
        }
    }

    /// Forgets a speech that is under way, as when the buffer is cleared or committed by hand.
    mutating func forgetSpeech() {
        self.spell.forget()
        self.endOfLastSpeechMs = self.positionMs
    }

    private func start(framesAgo frames: Int) -> Int {
        let firstMs = self.positionMs - frames * SpeechFrame.milliseconds
        return max(self.endOfLastSpeechMs, firstMs - self.sensitivity.prefixPaddingMs)
    }
}
