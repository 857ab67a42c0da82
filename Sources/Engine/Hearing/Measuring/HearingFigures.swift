/// How well one detector hears.
public struct HearingFigures: Sendable, Equatable {
    /// Errors in one kind of room.
    public struct Room: Sendable, Equatable {
        public var utterances = 0
        /// Utterances whose beginning was not noticed within half a second.
        public var missed = 0
        /// Turns that began where nobody spoke.
        public var falseStarts = 0
        var beginsOffMs = 0
        var endsOffMs = 0
        /// Utterances that have an end.
        var ended = 0

        /// Milliseconds by which turns begin too early or too late, on average.
        public var beginsOff: Int { self.beginsOffMs / max(1, self.utterances - self.missed) }
        /// The same of ends, the silence that ends a turn not counted.
        public var endsOff: Int { self.endsOffMs / max(1, self.ended) }
    }

    public let detector: SpeechDetectorKind
    /// No noise, or at least 15 dB below the speech.
    public var quiet = Room()
    /// Noise at most 10 dB below the speech.
    public var loud = Room()
    /// Turns that began in sounds without any speech.
    public var falseStartsWithoutSpeech = 0
    /// Processor time for a second of sound, in microseconds.
    public var microsecondsPerSecond = 0.0
}

extension HearingFigures.Room {
    /// Beyond it, what was noticed is not the beginning.
    private static let early = 200
    private static let late = 500

    /// Counts what was heard of an utterance.
    ///
    /// - Parameters:
    ///   - speech: where it is.
    ///   - silence: that ends a turn, in milliseconds.
    mutating func count(_ events: [TurnListener.Event], _ speech: Range<Int>, silence: Int) {
        var starts: [Int] = []
        var ends: [Int] = []
        for event in events {
            switch event {
            case .started(let ms): starts.append(ms)
            case .stopped(let ms): ends.append(ms - silence)
            }
        }
        let mayBegin = speech.lowerBound - Self.early...min(speech.lowerBound + Self.late, speech.upperBound)
        self.utterances += 1
        self.falseStarts += starts.count { $0 < mayBegin.lowerBound || $0 > speech.upperBound }
        guard let start = starts.first(where: mayBegin.contains) else {
            self.missed += 1
            return
        }
        self.beginsOffMs += abs(start - speech.lowerBound)
        guard let end = ends.first(where: { $0 >= speech.upperBound - 800 }) else { return }
        self.ended += 1
        self.endsOffMs += abs(end - speech.upperBound)
    }
}
