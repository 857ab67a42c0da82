import Foundation

/// Hears in PCM16 at 24 kHz where speech begins and where it ends, by its energy above the noise of the room.
///
/// It counts samples and reads no clock, so that audio may come faster or slower than real time. Frames of 20 ms are
/// high-passed at 115 Hz (hum and handling noise), and their level in dB is compared with that of the room. Speech begins with three loud frames of five and ends after a run of quiet ones.
struct VoiceActivityDetector: Sendable, Equatable {
    struct Sensitivity: Sendable, Equatable {
        /// 0 hears everything, 1 only what is loud.
        var threshold: Double
        /// Put in front of the first loud frame, for the soft sounds that words begin with.
        var prefixPaddingMs: Int
        var silenceDurationMs: Int
    }

    enum Event: Sendable, Equatable {
        /// Milliseconds of all audio heard, padding included.
        case started(atMs: Int)
        case stopped(atMs: Int)
    }

    static let frameSamples = 480
    private static let frameMs = 20
    private static let samplesPerMs = 24

    var sensitivity: Sensitivity
    private(set) var isSpeech = false
    private var floor = NoiseFloor()
    private var filter = HighPass()
    private var energy: Float = 0
    private var inFrame = 0
    /// Whole frames heard since the session began.
    private var frames = 0
    /// The last five frames, newest in the lowest bit: 1 was loud.
    private var recent: UInt8 = 0
    private var quietFrames = 0
    private var endOfLastSpeechMs = 0

    init(_ sensitivity: Sensitivity) {
        self.sensitivity = sensitivity
    }

    /// Starts to count at that place of the audio.
    init(_ sensitivity: Sensitivity, positionMs: Int) {
        self.sensitivity = sensitivity
        self.frames = positionMs / Self.frameMs
        self.endOfLastSpeechMs = positionMs
    }

    /// Hears more samples; what begins or ends in them comes back in order.
    mutating func hear(_ samples: UnsafeBufferPointer<Int16>) -> [Event] {
        var events: [Event] = []
        var start = 0
        while start < samples.count {
            let end = min(samples.count, start + Self.frameSamples - self.inFrame)
            self.energy += self.filter.energy(of: samples[start..<end])
            self.inFrame += end - start
            start = end
            guard self.inFrame == Self.frameSamples else { break }
            if let event = self.frameEnded() { events.append(event) }
        }
        return events
    }

    /// Forgets a speech that is under way, as when the buffer is cleared or committed by hand.
    mutating func forgetSpeech() {
        self.isSpeech = false
        self.recent = 0
        self.quietFrames = 0
        self.endOfLastSpeechMs = self.frames * Self.frameMs
    }

    private mutating func frameEnded() -> Event? {
        let level = 10 * log10(max(self.energy / Float(Self.frameSamples), 1e-10))
        self.energy = 0
        self.inFrame = 0
        self.frames += 1
        let margin = level - self.floor.level
        self.floor.hear(level, isQuiet: !self.isSpeech && margin < self.startMargin)
        return self.isSpeech ? self.heardInSpeech(margin) : self.heardInSilence(margin)
    }

    private mutating func heardInSilence(_ margin: Float) -> Event? {
        self.recent = (self.recent << 1 | (margin > self.startMargin ? 1 : 0)) & 0b11111
        guard self.recent.nonzeroBitCount >= 3 else { return nil }
        let sinceFirstLoud = 8 - self.recent.leadingZeroBitCount
        let firstLoudMs = (self.frames - sinceFirstLoud) * Self.frameMs
        self.isSpeech = true
        self.recent = 0
        self.quietFrames = 0
        return .started(atMs: max(self.endOfLastSpeechMs, firstLoudMs - self.sensitivity.prefixPaddingMs))
    }

    private mutating func heardInSpeech(_ margin: Float) -> Event? {
        self.quietFrames = margin > self.startMargin - 4 ? 0 : self.quietFrames + 1
        guard self.quietFrames * Self.frameMs >= self.sensitivity.silenceDurationMs, self.quietFrames > 0 else {
            return nil
        }
        self.isSpeech = false
        self.endOfLastSpeechMs = self.frames * Self.frameMs
        return .stopped(atMs: self.endOfLastSpeechMs)
    }

    /// dB above the floor: 9 at the usual threshold of 0.5, which background voices 20 dB down do not reach.
    private var startMargin: Float { 3 + 12 * Float(self.sensitivity.threshold) }
}
