import Synchronization

/// Counts the sessions that an engine serves.
final class Seats: Sendable {
    private let limit: Int
    private let taken = Mutex(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// A seat for one session, given back when the value is gone; nil when all are taken.
    func take() -> Seat? {
        let isFree = self.taken.withLock { taken in
            guard taken < self.limit else { return false }
            taken += 1
            return true
        }
        return isFree ? Seat(self) : nil
    }

    fileprivate func giveBack() {
        self.taken.withLock { $0 -= 1 }
    }
}

/// One session's place. Whoever holds it counts, also when the socket never opened.
final class Seat: Sendable {
    private let seats: Seats

    fileprivate init(_ seats: Seats) {
        self.seats = seats
    }

    deinit {
        self.seats.giveBack()
    }
}
