import Foundation
import JSON

/// One thing that the double keeps: a persona, a replica, a document or a voice.
struct DoubleRecord: Sendable, Equatable {
    let id: String
    /// In the provider's older words, without id, times and status.
    var members: [String: JSONValue]
    let createdAt: Date
    var updatedAt: Date
    var maturity: Maturity

    init(id: String, members: [String: JSONValue], at now: Date, lag: Double) {
        self.id = id
        self.members = members
        self.createdAt = now
        self.updatedAt = now
        self.maturity = Maturity(begunAt: now, lag: lag)
    }

    /// An entry of a seed: what it says of its status stays.
    init(seed: [String: JSONValue], id key: String, at now: Date, lag: Double) {
        var members = seed
        let id = members.removeValue(forKey: key)?.string ?? ""
        let pinned = members.removeValue(forKey: "status")?.string
        let failure = members.removeValue(forKey: "error_message")?.string
        self.init(id: id, members: members, at: now, lag: lag)
        self.maturity.pinned = pinned
        self.maturity.failure = failure
    }

    var times: [String: JSONValue] {
        [
            "created_at": .string(self.createdAt.formatted(.iso8601)),
            "updated_at": .string(self.updatedAt.formatted(.iso8601)),
        ]
    }
}

extension [DoubleRecord] {
    subscript(id id: String) -> DoubleRecord? {
        self.first { $0.id == id }
    }

    /// Changes a record.
    ///
    /// - Returns: whether there is one of that id.
    @discardableResult
    mutating func update(_ id: String, _ change: (inout DoubleRecord) -> Void) -> Bool {
        guard let index = self.firstIndex(where: { $0.id == id }) else { return false }
        change(&self[index])
        return true
    }

    /// Takes a record away.
    ///
    /// - Returns: whether there was one of that id.
    mutating func remove(_ id: String) -> Bool {
        let count = self.count
        self.removeAll { $0.id == id }
        return self.count < count
    }
}
