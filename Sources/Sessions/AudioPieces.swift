/// Audio that comes at one end and is let go of at the other, kept in the pieces in which it came: nothing is moved, and
/// no more memory is held than one piece beyond what is kept.
struct AudioPieces: Sendable, Equatable {
    // So many empty places are worth moving the others.
    private static let mostEmptyPlaces = 64

    private var pieces: [[UInt8]] = []
    /// Those before it are gone.
    private var first = 0
    /// The position of its first byte.
    private var firstStart = 0
    /// The position of the oldest byte that is kept.
    private(set) var start: Int
    /// The position behind the newest byte.
    private(set) var end: Int

    /// - Parameter position: of the first byte that will come.
    init(from position: Int = 0) {
        self.firstStart = position
        self.start = position
        self.end = position
    }

    /// How many bytes are kept.
    var count: Int { self.end - self.start }

    /// Bytes that the pieces take up.
    var footprint: Int { self.pieces.reduce(0) { $0 + $1.capacity } }

    mutating func append(_ piece: [UInt8]) {
        guard !piece.isEmpty else { return }
        self.pieces.append(piece)
        self.end += piece.count
    }

    /// The bytes from one position to another, both among those that are kept; a whole piece is not copied.
    func bytes(_ range: Range<Int>) -> [UInt8] {
        precondition(self.start <= range.lowerBound && range.upperBound <= self.end, "audio \(range) is not kept")
        var bytes: [UInt8] = []
        var position = self.firstStart
        for piece in self.pieces[self.first...] where position < range.upperBound {
            let wanted = range.clamped(to: position..<position + piece.count)
            if wanted == range, range.count == piece.count { return piece }
            if !wanted.isEmpty {
                if bytes.isEmpty { bytes.reserveCapacity(range.count) }
                bytes.append(contentsOf: piece[wanted.lowerBound - position..<wanted.upperBound - position])
            }
            position += piece.count
        }
        return bytes
    }

    /// Lets go of what is before a position.
    mutating func drop(upTo position: Int) {
        guard position > self.start else { return }
        self.start = min(position, self.end)
        while self.first < self.pieces.count, self.firstStart + self.pieces[self.first].count <= self.start {
            self.firstStart += self.pieces[self.first].count
            self.pieces[self.first] = []
            self.first += 1
        }
        guard self.first == self.pieces.count || self.first >= Self.mostEmptyPlaces else { return }
        self.pieces.removeFirst(self.first)
        self.first = 0
    }
}
