import Foundation
import JSON

// What is told of it.
extension PromptJob {
    func results(_ templateData: JSONValue) -> JSONValue {
        let succeeded = self.items.count { $0.status == .completed }
        return [
            "template_id": .string(self.templateID.rawValue), "template_data": templateData,
            "personas": .object(
                Dictionary(self.items.map { ($0.personaID, $0.result) }, uniquingKeysWith: { $1 })),
            "total_personas": .integer(self.items.count), "successful": .integer(succeeded),
            "failed": .integer(self.items.count - succeeded),
        ]
    }

    /// For clients that ask instead of listening.
    public var json: JSONValue {
        [
            "job_id": .string(self.id.rawValue), "template_id": .string(self.templateID.rawValue),
            "status": .string(self.status.rawValue), "error": self.error.map { .string($0) } ?? .null,
            "persona_progress": .object(
                Dictionary(self.items.map { ($0.personaID, $0.progress) }, uniquingKeysWith: { $1 })),
            "results": self.isOver ? self.events.last?["results"] ?? .null : .null,
            "created_at": .string(self.createdAt.formatted(.iso8601)),
            "expires_at": self.expiresAt.map { .string($0.formatted(.iso8601)) } ?? .null,
            "last_event_id": .integer(self.events.count),
        ]
    }
}

extension PromptJob.Item {
    fileprivate var result: JSONValue {
        guard self.status == .completed else {
            return ["status": "failed", "error": .string(self.error ?? "interrupted")]
        }
        return [
            "status": "completed", "mode": .string(self.mode.rawValue),
            "prompt_length": .integer(self.promptLength ?? 0),
            "persona_name": self.personaName.map { .string($0) } ?? .null,
        ]
    }

    fileprivate var progress: JSONValue {
        var members: [String: JSONValue] = [
            "status": .string(self.status.rawValue), "mode": .string(self.mode.rawValue),
            "attempt": .integer(self.attempt),
        ]
        members["error"] = self.error.map { .string($0) }
        return .object(members)
    }
}
