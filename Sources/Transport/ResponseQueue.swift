/// Bytes of an answer on their way out, and who waits for them to leave.
struct ResponseQueue {
    /// A writer goes on when less than this waits.
    static let roomBytes = 64 << 10
    /// One write: enough for throughput, little enough to share the loop.
    static let sliceBytes = 16 << 10

    private var pieces: [ArraySlice<UInt8>] = []
    private(set) var bytes = 0
    private var waiters: [CheckedContinuation<Void, any Error>] = []
    var isFinished = false

    var isEmpty: Bool { self.bytes == 0 }
    var hasRoom: Bool { self.bytes < Self.roomBytes }

    mutating func append(_ piece: [UInt8]) {
        guard !piece.isEmpty else { return }
        self.pieces.append(piece[...])
        self.bytes += piece.count
    }

    /// The next bytes to write, at most one slice.
    mutating func next() -> ArraySlice<UInt8>? {
        guard let first = self.pieces.first else { return nil }
        let slice = first.prefix(Self.sliceBytes)
        if slice.count == first.count {
            self.pieces.removeFirst()
        } else {
            self.pieces[0] = first.dropFirst(slice.count)
        }
        self.bytes -= slice.count
        return slice
    }

    mutating func wait(_ continuation: CheckedContinuation<Void, any Error>) {
        self.waiters.append(continuation)
    }

    mutating func takeWaiters() -> [CheckedContinuation<Void, any Error>] {
        defer { self.waiters = [] }
        return self.waiters
    }
}
