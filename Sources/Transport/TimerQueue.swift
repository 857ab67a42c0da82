/// Entries by due time, the earliest first: a binary heap.
///
/// A cancelled entry stays until it is due or until ``compact(keeping:)``, so that cancelling costs nothing.
struct TimerQueue<Element> {
    private struct Entry {
        let due: ContinuousClock.Instant
        // Entries of one instant keep their order.
        let sequence: UInt64
        let element: Element

        func isBefore(_ other: Entry) -> Bool {
            self.due == other.due ? self.sequence < other.sequence : self.due < other.due
        }
    }

    private var heap: [Entry] = []
    private var sequence: UInt64 = 0

    var count: Int { self.heap.count }
    var nextDue: ContinuousClock.Instant? { self.heap.first?.due }

    mutating func insert(_ element: Element, due: ContinuousClock.Instant) {
        self.sequence += 1
        self.heap.append(Entry(due: due, sequence: self.sequence, element: element))
        self.siftUp(from: self.heap.count - 1)
    }

    /// The earliest entry if it is due at `now`.
    mutating func popDue(at now: ContinuousClock.Instant) -> (element: Element, due: ContinuousClock.Instant)? {
        guard let first = self.heap.first, first.due <= now else { return nil }
        let last = self.heap.removeLast()
        if !self.heap.isEmpty {
            self.heap[0] = last
            self.siftDown(from: 0)
        }
        return (first.element, first.due)
    }

    /// Drops all entries that `keeps` refuses.
    mutating func compact(keeping keeps: (Element) -> Bool) {
        self.heap.removeAll { !keeps($0.element) }
        for index in stride(from: self.heap.count / 2 - 1, through: 0, by: -1) { self.siftDown(from: index) }
    }

    private mutating func siftUp(from start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard self.heap[child].isBefore(self.heap[parent]) else { return }
            self.heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(from start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < self.heap.count && self.heap[child].isBefore(self.heap[least]) {
                least = child
            }
            guard least != parent else { return }
            self.heap.swapAt(parent, least)
            parent = least
        }
    }
}
