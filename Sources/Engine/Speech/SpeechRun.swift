import Audio
import Transport

/// The speech of one response between the synthesizer and the socket. Confined to its session's loop.
final class SpeechRun {
    /// Samples that may wait before the synthesizer does: two seconds.
    private static let maxWaiting = 48_000

    /// Asks the synthesizer; cancelled with the run.
    var synthesis: Task<Void, Never>?
    /// Reads what a language model writes; cancelled with the run.
    var composition: Task<Void, Never>?
    /// When the first sentence is to be there.
    var patience: ScheduledTask?
    /// More texts may come than those that wait.
    var isBeingWritten = false
    /// Texts that are spoken when those before them are.
    var texts: [SpeechRequest] = []
    /// When the next piece may go out.
    var timer: ScheduledTask?
    let startedAt = ContinuousClock.now
    private(set) var hasBegun = false
    /// The synthesizer has made all; whether it failed.
    private(set) var end: End?
    private var waiting: [Int16] = []
    private var taken = 0
    private var room: CheckedContinuation<Void, Never>?
    private var encoder: SpeechEncoder?

    enum End {
        case done
        case failed(reason: String)
    }

    var waitingSamples: Int { self.waiting.count - self.taken }

    func add(_ samples: [Int16]) {
        if self.taken == self.waiting.count {
            self.waiting = samples
            self.taken = 0
        } else {
            self.waiting.append(contentsOf: samples)
        }
    }

    /// Up to `count` samples, oldest first.
    func take(_ count: Int) -> [Int16] {
        let end = min(self.waiting.count, self.taken + count)
        let samples = Array(self.waiting[self.taken..<end])
        self.taken = end
        self.hasBegun = true
        if self.taken > Self.maxWaiting {
            self.waiting.removeFirst(self.taken)
            self.taken = 0
        }
        if self.waitingSamples <= Self.maxWaiting { self.makeRoom() }
        return samples
    }

    func finish(_ end: End) {
        self.end = end
    }

    /// The bytes of samples that were taken, in order; one format a run.
    func encode(_ samples: [Int16], as format: AudioFormat) throws(AudioError) -> [UInt8] {
        if self.encoder == nil { self.encoder = try SpeechEncoder(format) }
        return try self.encoder?.encode(samples, isLast: self.isAtEnd) ?? []
    }

    /// Everything was made and taken.
    var isAtEnd: Bool { self.end != nil && self.waitingSamples == 0 }

    /// The encoder still holds the last milliseconds.
    var owesTail: Bool { self.encoder?.holdsTail ?? false }

    var isFull: Bool { self.waitingSamples > Self.maxWaiting }

    /// Resumed when there is room, or when the run is cancelled.
    func wait(_ continuation: CheckedContinuation<Void, Never>) {
        precondition(self.room == nil, "two synthesizers fill one run")
        self.room = continuation
    }

    func cancel() {
        self.synthesis?.cancel()
        self.composition?.cancel()
        self.patience?.cancel()
        self.timer?.cancel()
        self.makeRoom()
    }

    private func makeRoom() {
        self.room?.resume()
        self.room = nil
    }
}
