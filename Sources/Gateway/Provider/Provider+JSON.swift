import Foundation
import JSON
import Providers

// What a provider has, as apps list it: in snake case.
extension RemoteDocument {
    var json: JSONValue {
        [
            "id": .string(self.id), "name": .string(self.name), "tags": .array(self.tags.map { .string($0) }),
            "created_at": self.createdAt.map { .string($0.formatted(.iso8601)) } ?? .null,
        ]
    }

    /// As one that a persona uses, which may be one that cannot be used yet.
    var attachedJSON: JSONValue {
        var members = self.json.object ?? [:]
        members["status"] = .string(self.status ?? self.progress.rawValue)
        return .object(members)
    }
}

extension RemoteReplica {
    var json: JSONValue {
        [
            "id": .string(self.id), "name": .string(self.name),
            "thumbnail_url": self.thumbnailURL.map { .string($0) } ?? .null,
        ]
    }

    /// With how far its training is.
    var trainingJSON: JSONValue {
        var members = self.json.object ?? [:]
        members["status"] = .string(self.status ?? self.progress.rawValue)
        members["training_progress"] = self.trainingProgress.map { .string($0) } ?? .null
        return .object(members)
    }
}
