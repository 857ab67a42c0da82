/// The last that a live microphone heard: what no model has taken yet, and a moment before it.
///
/// While there is a line it keeps no more than a pre-roll, for what the line may have heard and not yet told: the onset of a
/// word. While somebody speaks, or there is no line, it keeps everything, up to its limit; what is oldest then goes first.
/// What became a turn is kept apart until the turn is answered, up to the same limit, in case the line is lost before.
struct SpeechMemory: Sendable {
    // PCM16 mono at 24 kHz.
    private static let bytesPerMs = 48
    /// 200 ms: large enough to be cheap, small enough to leave the queue to others.
    private static let pieceBytes = 200 * bytesPerMs

    private let preRollBytes: Int
    private let limitBytes: Int
    private var audio = AudioPieces()
    /// Turns that have not been answered yet, each by the model's item.
    private var turns: [(itemID: String, bytes: [UInt8])] = []
    /// Up to where the line has it.
    private var sentEnd = 0

    init(preRollMs: Int = 300, limitMs: Int = 10_000) {
        self.preRollBytes = preRollMs * Self.bytesPerMs
        self.limitBytes = limitMs * Self.bytesPerMs
    }

    /// The line has all of it.
    var isSent: Bool { self.sentEnd == self.audio.end }

    /// Bytes that it takes up.
    var footprint: Int { self.turns.reduce(self.audio.footprint) { $0 + $1.bytes.capacity } }

    var keptTurns: Int { self.turns.count }

    var keptMs: Int { self.audio.count / Self.bytesPerMs }

    /// Takes a piece: PCM16 24 kHz mono.
    ///
    /// - Parameters:
    ///   - isSent: the line has it already; only where it has all before it.
    ///   - keepsAll: what the line has is kept as well, because somebody is speaking.
    /// - Returns: the milliseconds that were dropped before any line had them.
    mutating func hear(_ pcm: UnsafeRawBufferPointer, isSent: Bool, keepsAll: Bool) -> Int {
        precondition(!isSent || self.isSent, "a piece cannot be sent before those that came before it")
        self.audio.append(Array(pcm))
        if isSent { self.sentEnd = self.audio.end }
        if isSent, !keepsAll { self.audio.drop(upTo: self.sentEnd - self.preRollBytes) }
        guard self.audio.count > self.limitBytes else { return 0 }
        self.audio.drop(upTo: self.audio.end - self.limitBytes)
        defer { self.sentEnd = max(self.sentEnd, self.audio.start) }
        return max(0, self.audio.start - self.sentEnd) / Self.bytesPerMs
    }

    /// Lends the next piece that the line does not have; it counts as sent when `send` returns true.
    mutating func next(_ send: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        let end = min(self.sentEnd + Self.pieceBytes, self.audio.end)
        let isSent = self.audio.bytes(self.sentEnd..<end).withUnsafeBytes { send($0) }
        if isSent { self.sentEnd = end }
        return isSent
    }

    /// Another line listens: it has heard nothing yet.
    mutating func startOver() {
        self.sentEnd = self.audio.start
    }

    /// What no turn was made of is of no interest any more.
    mutating func forgetRest() {
        self.audio = AudioPieces()
        self.sentEnd = 0
    }

    /// The line has made a turn of what it has.
    mutating func keep(as itemID: String) {
        self.turns.append((itemID, self.audio.bytes(self.audio.start..<self.sentEnd)))
        self.audio.drop(upTo: self.sentEnd)
        while self.turns.count > 1, self.turns.reduce(0, { $0 + $1.bytes.count }) > self.limitBytes {
            self.turns.removeFirst()
        }
    }

    /// The turn was answered, or is not to be.
    mutating func forget(_ itemID: String) {
        self.turns.removeAll { $0.itemID == itemID }
    }

    /// What was said in these turns, which are kept no longer: PCM16 24 kHz mono, native byte order.
    mutating func recall(_ itemIDs: [String]) -> [Int16] {
        let bytes = self.turns.filter { itemIDs.contains($0.itemID) }.flatMap(\.bytes)
        self.turns.removeAll { itemIDs.contains($0.itemID) }
        return bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 2).map { bytes.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self) }
        }
    }
}
