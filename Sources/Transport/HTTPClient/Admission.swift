/// Who may dial now and who waits, so that one slow host takes neither all connections nor those of the others.
struct Admission: Sendable, Equatable {
    private struct Host: Sendable, Equatable {
        var active: Set<UInt64> = []
        var waiting: [UInt64] = []
    }

    private let limit: Int
    private var hosts: [String: Host] = [:]

    /// - Parameter limit: requests to one host at a time.
    init(limit: Int) {
        precondition(limit > 0, "\(limit) requests at a time")
        self.limit = limit
    }

    /// Whether the request may dial at once; else it waits behind those that came before.
    mutating func arrive(_ id: UInt64, at place: String) -> Bool {
        guard self.hosts[place, default: Host()].active.count < self.limit else {
            self.hosts[place]?.waiting.append(id)
            return false
        }
        self.hosts[place, default: Host()].active.insert(id)
        return true
    }

    /// A request is over, whether it had dialled or not; returns the one whose turn it is now.
    mutating func leave(_ id: UInt64, from place: String) -> UInt64? {
        guard var host = self.hosts[place] else { return nil }
        defer { self.hosts[place] = host.active.isEmpty && host.waiting.isEmpty ? nil : host }
        guard host.active.remove(id) != nil else {
            host.waiting.removeAll { $0 == id }
            return nil
        }
        guard !host.waiting.isEmpty else { return nil }
        let next = host.waiting.removeFirst()
        host.active.insert(next)
        return next
    }
}
