/// A recording on its way to the model, a piece at a time.
struct RecordingFeed: Sendable, Equatable {
    /// 200 ms: large enough to be cheap, small enough to leave the queue to others.
    private static let pieceSamples = 4_800

    let turn: TurnID
    let line: LineID
    private let samples: [Int16]
    private var offset = 0

    init(turn: TurnID, line: LineID, samples: [Int16]) {
        self.turn = turn
        self.line = line
        self.samples = samples
    }

    var isDone: Bool { self.offset == self.samples.count }

    /// Lends the next piece as PCM16 in native byte order; it counts as sent when `send` returns true.
    mutating func next(_ send: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        let end = min(self.offset + Self.pieceSamples, self.samples.count)
        let isSent = self.samples[self.offset..<end].withUnsafeBytes { send($0) }
        if isSent { self.offset = end }
        return isSent
    }
}
