/// When which users' microphones have their next chunk ready: a wheel of slots that turns once a chunk.
///
/// One timer serves all users of a loop, and the plan counts from the start, not from the last tick: a late timer is
/// made up for by more than one slot at a time and slows no microphone down.
struct PacingWheel: Sendable, Equatable {
    /// Of the wheel, so that users do not all speak at one instant.
    static let slots = 40
    /// One slot in nanoseconds: the wheel turns in 40 ms, the length of a chunk.
    static let slotNanoseconds: UInt64 = 1_000_000

    private let start: UInt64
    private var done: UInt64 = 0

    /// - Parameter start: the instant of slot 0, in nanoseconds of any clock.
    init(start: UInt64) {
        self.start = start
    }

    /// The ticks that are due, to be handled in order; tick `n` is slot `n % slots`.
    mutating func take(at now: UInt64) -> Range<UInt64> {
        guard now >= self.start else { return self.done..<self.done }
        let due = max(self.done, (now - self.start) / Self.slotNanoseconds + 1)
        defer { self.done = due }
        return self.done..<due
    }

    /// When a tick is due, on the same clock.
    func due(_ tick: UInt64) -> UInt64 {
        self.start + tick * Self.slotNanoseconds
    }

    /// The first tick that was not taken yet and whose slot is in use.
    ///
    /// - Parameter isUsed: of a slot.
    func next(where isUsed: (Int) -> Bool) -> UInt64? {
        (self.done..<self.done + UInt64(Self.slots)).first { isUsed(Int($0 % UInt64(Self.slots))) }
    }
}
