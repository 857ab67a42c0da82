/// Which packet of the microphone a packet of the echo is, and so how old it is.
///
/// An echo gives back as many packets as it got and in order, so their positions differ by a constant. Markers in the
/// sound tell the constant and are compared once a second: a packet that got lost on the way shows in the next one.
struct PacketTrack: Sendable, Equatable {
    /// A packet of the echo that is known.
    struct Heard: Sendable, Equatable {
        /// Of the packet among all that were sent.
        var index: Int
        var sentAt: UInt64
        /// Packets that must have been lost, as the marker in this one shows.
        var lost = 0
    }

    private struct Sent: Sendable, Equatable {
        var at: UInt64
        var isVoiced: Bool
    }

    // Five cycles of 4 s, a packet in 20 ms: what is older is lost.
    private static let remembered = 1_000
    // A decoder that starts in the middle of a stream needs a few packets to be sure of its sound.
    private static let leadIn = 3

    /// Packets from marker to marker.
    private let period: Int
    private let cycle: Int
    private var sent: [Sent] = []
    private(set) var sentCount = 0
    /// The index of a packet less its position in the echo; nil until a marker was heard.
    private var offset: Int?
    /// The one before, if nothing was interrupted since.
    private var lastOffset: Int?

    init(chunkMilliseconds: Int) {
        self.period = Marker.period(chunkMilliseconds: chunkMilliseconds)
        self.cycle = self.period * Marker.frequencies.count
    }

    var isAligned: Bool { self.offset != nil }

    /// Takes note of a packet that is sent at a time.
    mutating func send(at time: UInt64, isVoiced: Bool) {
        let entry = Sent(at: time, isVoiced: isVoiced)
        if self.sent.count < Self.remembered {
            self.sent.append(entry)
        } else {
            self.sent[self.sentCount % Self.remembered] = entry
        }
        self.sentCount += 1
    }

    /// Whether the packet at a position of the echo must be decoded, to look for a marker or to make ready for it.
    func wantsSound(of position: Int) -> Bool {
        guard let offset = self.offset else { return true }
        return (position + offset + Self.leadIn) % self.period <= Self.leadIn + 1
    }

    /// What was heard at a position of the echo; nil as long as nobody knows what it is.
    ///
    /// - Parameter marker: in the sound of this packet.
    mutating func hear(_ position: Int, marker: Int?) -> Heard? {
        var lost = 0
        if let marker, let found = self.newOffset(position, marker), !self.isKnown(found) {
            if let last = self.offset ?? self.lastOffset { lost = max(0, found - last) }
            self.offset = found
        } else if marker == nil, self.isMarkerMissing(position) {
            (self.lastOffset, self.offset) = (self.offset, nil)
        }
        guard let offset = self.offset, let sent = self.entry(position + offset) else { return nil }
        return Heard(index: position + offset, sentAt: sent.at, lost: lost)
    }

    /// The echo was interrupted: what comes next is not what was expected, and nothing is lost by it.
    mutating func interrupt() {
        (self.offset, self.lastOffset) = (nil, nil)
    }

    /// The last packet before now that has the marker.
    private func newOffset(_ position: Int, _ marker: Int) -> Int? {
        let place = marker * self.period + 1
        let index = self.sentCount - 1 - (self.sentCount - 1 - place % self.cycle + self.cycle) % self.cycle
        return index >= 0 ? index - position : nil
    }

    /// Nothing has changed. Whole cycles cannot be told apart by a marker, but what was aligned and stays is so.
    private func isKnown(_ offset: Int) -> Bool {
        self.offset.map { (offset - $0).isMultiple(of: self.cycle) } ?? false
    }

    private func isMarkerMissing(_ position: Int) -> Bool {
        guard let offset = self.offset, (position + offset) % self.period == 1 else { return false }
        return (-1...1).allSatisfy { self.entry(position + offset + $0)?.isVoiced == true }
    }

    private func entry(_ index: Int) -> Sent? {
        guard index >= max(0, self.sentCount - Self.remembered), index < self.sentCount else { return nil }
        return self.sent[index % Self.remembered]
    }
}
