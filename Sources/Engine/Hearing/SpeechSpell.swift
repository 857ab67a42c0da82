/// Whether somebody speaks: three frames of speech in five begin it, a run of silent ones ends it.
struct SpeechSpell: Sendable, Equatable {
    enum Change: Sendable, Equatable {
        /// - Parameter frames: since its first frame, that one and this one included.
        case began(frames: Int)
        case ended
    }

    private(set) var isSpeech = false
    /// The last five frames, newest in the lowest bit: 1 was speech.
    private var recent: UInt8 = 0
    private var silentFrames = 0

    /// - Parameter patience: silent frames that end it.
    @discardableResult
    mutating func hear(_ verdict: SpeechVerdict, patience: Int = 25) -> Change? {
        self.isSpeech ? self.heardInSpeech(verdict, patience) : self.heardInSilence(verdict)
    }

    mutating func forget() {
        self = SpeechSpell()
    }

    private mutating func heardInSilence(_ verdict: SpeechVerdict) -> Change? {
        self.recent = (self.recent << 1 | (verdict == .speech ? 1 : 0)) & 0b11111
        guard self.recent.nonzeroBitCount >= 3 else { return nil }
        let frames = 8 - self.recent.leadingZeroBitCount
        self = SpeechSpell()
        self.isSpeech = true
        return .began(frames: frames)
    }

    private mutating func heardInSpeech(_ verdict: SpeechVerdict, _ patience: Int) -> Change? {
        self.silentFrames = verdict == .silence ? self.silentFrames + 1 : 0
        guard self.silentFrames >= patience else { return nil }
        self.forget()
        return .ended
    }
}
