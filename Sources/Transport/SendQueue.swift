/// Messages that wait for a peer to read: bounded, in order, and says when it has room again.
struct SendQueue {
    enum Kind: Sendable, Equatable {
        case text, binary
    }

    struct Message: Equatable {
        let kind: Kind
        let bytes: [UInt8]
    }

    private let limit: Int
    private let lowWater: Int
    private var messages: [Message] = []
    private var first = 0
    private(set) var waitingBytes = 0
    /// Of the message that the link holds because the kernel took only a part.
    private(set) var heldBytes = 0
    private var owesDrained = false

    init(limit: Int) {
        self.limit = limit
        self.lowWater = limit / 4
    }

    var isEmpty: Bool { self.first == self.messages.count && self.heldBytes == 0 }
    var bufferedBytes: Int { self.waitingBytes + self.heldBytes }

    /// Whether a message of that size may wait. One message of any size may when nothing else does, so that a limit
    /// below one whole reply slows the sender down instead of silencing it.
    mutating func hasRoom(for count: Int) -> Bool {
        let fits = self.bufferedBytes == 0 || self.bufferedBytes + count <= self.limit
        if !fits { self.owesDrained = true }
        return fits
    }

    mutating func append(_ message: Message) {
        self.messages.append(message)
        self.waitingBytes += message.bytes.count
        self.noteLevel()
    }

    mutating func popFirst() -> Message? {
        guard self.first < self.messages.count else { return nil }
        let message = self.messages[self.first]
        self.first += 1
        self.waitingBytes -= message.bytes.count
        if self.first == self.messages.count || self.first >= 64 {
            self.messages.removeFirst(self.first)
            self.first = 0
        }
        return message
    }

    /// The link kept a part of a message of that size.
    mutating func linkHolds(_ count: Int) {
        self.heldBytes = count
        self.noteLevel()
    }

    mutating func linkHoldsNothing() {
        self.heldBytes = 0
    }

    /// True once after the queue had been above its low-water mark, or full, and has come down to it.
    mutating func takeDrained() -> Bool {
        guard self.owesDrained, self.bufferedBytes <= self.lowWater else { return false }
        self.owesDrained = false
        return true
    }

    mutating func removeAll() {
        self.messages = []
        self.first = 0
        self.waitingBytes = 0
    }

    private mutating func noteLevel() {
        if self.bufferedBytes > self.lowWater { self.owesDrained = true }
    }
}
