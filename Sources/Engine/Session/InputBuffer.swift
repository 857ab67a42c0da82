/// The input audio buffer: what the user said and nobody committed yet.
///
/// It counts everything and keeps the bytes of the last few seconds, for `conversation.item.retrieve`. The engine itself
/// has no use for them once the detector has heard them.
struct InputBuffer: Sendable, Equatable {
    /// Samples at 24 kHz since the session began.
    private(set) var position = 0
    /// The position of the last commit or clear.
    private var start = 0
    private var format: AudioFormat
    private var kept: [UInt8] = []
    private let maxKeptBytes: Int
    /// The first byte of a sample whose second one has not come.
    private var half: UInt8?

    init(format: AudioFormat, maxKeptBytes: Int) {
        self.format = format
        self.maxKeptBytes = maxKeptBytes
    }

    var positionMs: Int { self.position / 24 }
    /// What a commit would take.
    var pendingMs: Int { (self.position - self.start) / 24 }

    /// Takes bytes in the input format; returns the samples that they complete, at 24 kHz.
    mutating func append(_ bytes: [UInt8]) -> [Int16] {
        let whole = self.wholeSamples(bytes)
        let samples = self.format.samples(whole)
        self.position += samples.count
        self.kept.append(contentsOf: whole)
        self.forget(beforeLastMs: self.maxKeptBytes / self.format.bytesPerMs)
        return samples
    }

    /// Forgets the bytes of what was said longer ago.
    mutating func forget(beforeLastMs milliseconds: Int) {
        let count = milliseconds * self.format.bytesPerMs
        // Now and then, not each time: moving bytes costs.
        if self.kept.count > 2 * count { self.kept.removeFirst(self.kept.count - count) }
    }

    /// Takes everything since the last commit or clear.
    mutating func commit() -> ConversationItem.Recording {
        self.commit(fromMs: self.start / 24, toMs: self.positionMs)
    }

    /// Takes what was said between two places; what came before is forgotten.
    mutating func commit(fromMs: Int, toMs: Int) -> ConversationItem.Recording {
        let recording = ConversationItem.Recording(
            milliseconds: max(0, toMs - fromMs), audio: self.audio(fromMs: fromMs, toMs: toMs))
        self.start = max(self.start, min(self.position, toMs * 24))
        return recording
    }

    mutating func clear() {
        self.start = self.position
        self.kept = []
        self.half = nil
    }

    mutating func change(format: AudioFormat) {
        guard format != self.format else { return }
        self.format = format
        self.kept = []
        self.half = nil
    }

    private func audio(fromMs: Int, toMs: Int) -> [UInt8]? {
        let keptFromMs = self.positionMs - self.kept.count / self.format.bytesPerMs
        let length = (toMs - fromMs) * self.format.bytesPerMs
        guard fromMs >= keptFromMs, length > 0, length <= self.maxKeptBytes else { return nil }
        let from = (fromMs - keptFromMs) * self.format.bytesPerMs
        return Array(self.kept[from..<min(self.kept.count, from + length)])
    }

    private mutating func wholeSamples(_ bytes: [UInt8]) -> [UInt8] {
        guard self.format == .pcm else { return bytes }
        var whole = bytes
        if let half = self.half { whole.insert(half, at: 0) }
        self.half = whole.count.isMultiple(of: 2) ? nil : whole.removeLast()
        return whole
    }
}
