/// Joins the pieces in which a message arrives, under limits on its size and the number of its fragments; text is
/// checked as it comes.
struct MessageAssembler {
    /// What the frame around a piece says about it.
    struct Piece: Equatable {
        var isBinary: Bool
        /// Bytes of the frame that are still to come.
        var remainingInFrame: Int
        var isFinalFragment: Bool
        var count: Int
    }

    enum Step: Equatable {
        /// The piece is the whole message: use it in place.
        case whole(isBinary: Bool)
        /// Keep the piece and wait.
        case keep
        /// Keep the piece: the message is complete.
        case complete(isBinary: Bool)
        case refuse(code: Int, reason: String)
    }

    private let maxBytes: Int
    private let maxFragments: Int
    private(set) var bytes: [UInt8] = []
    private var isInside = false
    private var isFrameOpen = false
    private var fragments = 0
    private var text = UTF8Stream()

    init(maxBytes: Int, maxFragments: Int) {
        self.maxBytes = maxBytes
        self.maxFragments = maxFragments
    }

    /// Decides by the announced length, before anything is kept.
    mutating func take(_ piece: Piece, _ payload: UnsafeRawBufferPointer) -> Step {
        if !self.isInside {
            self.fragments = 0
            self.text = UTF8Stream()
        }
        if !self.isFrameOpen { self.fragments += 1 }
        self.isFrameOpen = piece.remainingInFrame > 0
        let announced = self.bytes.count + piece.count + piece.remainingInFrame
        guard announced <= self.maxBytes else {
            return .refuse(code: 1009, reason: "message of \(announced) bytes exceeds \(self.maxBytes)")
        }
        guard self.fragments <= self.maxFragments else {
            return .refuse(code: 1008, reason: "message has more than \(self.maxFragments) fragments")
        }
        guard piece.isBinary || self.text.accept(payload) else { return Self.notText }
        let isLast = piece.isFinalFragment && piece.remainingInFrame == 0
        defer { self.isInside = !isLast }
        guard isLast else { return .keep }
        guard piece.isBinary || self.text.isComplete else { return Self.notText }
        return self.isInside ? .complete(isBinary: piece.isBinary) : .whole(isBinary: piece.isBinary)
    }

    private static let notText = Step.refuse(code: 1007, reason: "text is not UTF-8")

    mutating func keep(_ piece: UnsafeRawBufferPointer, announced: Int) {
        if self.bytes.isEmpty { self.bytes.reserveCapacity(min(self.maxBytes, piece.count + announced)) }
        self.bytes.append(contentsOf: piece)
    }

    /// The joined message, once.
    mutating func takeMessage() -> [UInt8] {
        defer { self.bytes = [] }
        return self.bytes
    }
}
