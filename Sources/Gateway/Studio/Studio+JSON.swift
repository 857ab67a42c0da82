import Foundation
import JSON
import Studio

// How what users make looks from outside: in the words of the apps, camel case.
extension Scenario {
    var json: JSONValue {
        var members = self.details.json
        members["id"] = .string(self.id.rawValue)
        members["isCustom"] = .bool(self.isCustom)
        members["persona"] = self.persona.json
        members["createdAt"] = .string(self.createdAt.formatted(.iso8601))
        members["updatedAt"] = .string(self.updatedAt.formatted(.iso8601))
        for key in ["difficulty", "imageUrl"] where members[key] == nil { members[key] = .null }
        return .object(members)
    }

    var tag: EntityTag { EntityTag(version: self.version, state: self.persona.stateTag) }
}

extension PersonaRecord {
    /// Without a status where no provider has to do with it.
    var json: JSONValue {
        var members = self.config.json
        members["personaId"] = .string(self.id.rawValue)
        members["isSyncedRemote"] = .bool(self.sync?.remoteID != nil)
        members["syncError"] = self.sync?.failure.map { .string($0.message) } ?? .null
        if let sync = self.sync {
            members["status"] = .string(sync.status.rawValue)
            members["statusSource"] = .string(sync.source.rawValue)
            members["lastStatusAt"] = .string(sync.lastStatusAt.formatted(.iso8601))
            if sync.change == .pending { members["updatePending"] = true }
            members["updateError"] = sync.change?.failure.map { .string($0.message) }
        }
        return .object(members)
    }

    /// With what the other lists of personas have.
    var document: JSONValue {
        guard var members = self.json.object else { return .null }
        members["id"] = .string(self.id.rawValue)
        members["kind"] = .string(self.kind.rawValue)
        members["name"] = self.config.name.map { .string($0) } ?? .null
        members["createdAt"] = .string(self.createdAt.formatted(.iso8601))
        members["updatedAt"] = .string(self.updatedAt.formatted(.iso8601))
        return .object(members)
    }

    var tag: EntityTag { EntityTag(version: self.version, state: self.stateTag) }

    fileprivate var stateTag: String {
        guard let sync = self.sync else { return "local" }
        let change = sync.change.map { $0 == .pending ? "p" : "f" } ?? ""
        return "\(sync.status.rawValue)\(Int(sync.lastStatusAt.timeIntervalSince1970))\(change)"
    }
}

extension UsageFigures {
    /// Means are null where there is nothing to take one of.
    var json: JSONValue {
        func mean(_ sum: Int, of count: Int, _ unit: Double) -> JSONValue {
            count == 0 ? .null : .number((Double(sum) / unit / Double(count) * 1_000).rounded() / 1_000)
        }
        return [
            "sessions": .integer(self.sessions), "completions": .integer(self.completions),
            "completion_rate": mean(self.completions, of: self.sessions, 1),
            "mean_duration_seconds": mean(self.durationMs, of: self.sessions, 1_000),
            "ratings": .integer(self.ratings), "mean_rating": mean(self.stars, of: self.ratings, 1),
        ]
    }
}

extension Page {
    func json(_ item: (Item) -> JSONValue) -> JSONValue {
        [
            "items": .array(self.items.map(item)), "total": .integer(self.total),
            "next": self.next.map { .string($0.text) } ?? .null,
        ]
    }
}

extension Date {
    /// As precise as times are kept: what is answered now is what will be read.
    static var nowInMilliseconds: Date {
        Date(timeIntervalSince1970: (Date.now.timeIntervalSince1970 * 1_000).rounded() / 1_000)
    }
}
