import Foundation
import JSON
import Personas

/// Prompts for some personas, written in the background. A value: what happens to it goes through its verbs, and each
/// adds the events that are told.
public struct PromptJob: Sendable, Equatable {
    public enum Status: String, Sendable, CaseIterable {
        case processing, completed, failed
    }

    /// In place of a persona: the expert of the template, for nobody in particular.
    public static let templateKey = "template"

    public let id: RecordID
    public let owner: String
    public let templateID: RecordID
    public internal(set) var status = Status.processing
    public internal(set) var error: String?
    public internal(set) var items: [Item]
    /// As they are told, the first with number 1.
    public internal(set) var events: [JSONValue]
    public let createdAt: Date
    /// When it is forgotten; nil while it runs.
    public internal(set) var expiresAt: Date?

    /// One persona of a job.
    public struct Item: Sendable, Equatable {
        public enum Status: String, Sendable {
            case waiting, processing, completed, failed
        }

        public let personaID: String
        public let modes: [GenerationMode]
        public var status = Status.waiting
        /// From 1; 0 before the first.
        public var attempt = 0
        public var error: String?
        /// Unicode scalars.
        public var promptLength: Int?
        public var personaName: String?

        public init(personaID: String, modes: [GenerationMode]) {
            self.personaID = personaID
            self.modes = modes
        }

        public var isOver: Bool { self.status == .completed || self.status == .failed }

        /// The mode that the outside is told: assess stands for try as well.
        public var mode: GenerationMode { self.modes.contains(.assess) ? .assess : self.modes.first ?? .assess }
    }

    /// A job that has just begun.
    public init(id: RecordID, owner: String, templateID: RecordID, items: [Item], createdAt: Date) {
        self.id = id
        self.owner = owner
        self.templateID = templateID
        self.items = items
        self.createdAt = createdAt
        self.events = [["type": "status_update", "status": "processing"]]
    }

    /// What a store kept.
    public init(
        stored id: RecordID, owner: String, templateID: RecordID, status: Status, error: String?, items: [Item],
        events: [JSONValue], createdAt: Date, expiresAt: Date?
    ) {
        self.id = id
        self.owner = owner
        self.templateID = templateID
        self.status = status
        self.error = error
        self.items = items
        self.events = events
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    public var isOver: Bool { self.status != .processing }

    /// A new id: a UUID of random bits, which cannot be guessed.
    public static func newID() -> RecordID {
        guard let id = RecordID(UUID().uuidString.lowercased()) else { preconditionFailure("a UUID is a legal id") }
        return id
    }
}

extension PromptJob {
    // MARK: What happens to it

    /// An attempt at an item begins.
    mutating func begin(_ index: Int) {
        guard !self.isOver, !self.items[index].isOver else { return }
        self.items[index].status = .processing
        self.items[index].attempt += 1
        self.progress(index)
    }

    mutating func complete(_ index: Int, promptLength: Int, personaName: String?) {
        guard !self.isOver, !self.items[index].isOver else { return }
        self.items[index].status = .completed
        self.items[index].promptLength = promptLength
        self.items[index].personaName = personaName
        self.progress(index)
    }

    mutating func fail(_ index: Int, _ reason: String) {
        guard !self.isOver, !self.items[index].isOver else { return }
        self.items[index].status = .failed
        self.items[index].error = reason
        self.progress(index)
    }

    /// Everything is done, or nothing more can be.
    ///
    /// - Parameters:
    ///   - error: what concerns the whole job; items that wait fail with it.
    ///   - templateData: as it is now; null where there is none any more.
    mutating func finish(error: String? = nil, templateData: JSONValue, at moment: Date, lifetime: TimeInterval) {
        guard !self.isOver else { return }
        for index in self.items.indices where !self.items[index].isOver { self.fail(index, error ?? "interrupted") }
        self.error = error
        let succeeded = self.items.count { $0.status == .completed }
        self.status = error == nil && succeeded > 0 ? .completed : .failed
        self.expiresAt = moment + lifetime
        var update: [String: JSONValue] = ["type": "status_update", "status": .string(self.status.rawValue)]
        let told = error ?? (self.status == .failed ? "no prompt could be written" : nil)
        self.error = told
        update["error"] = told.map { .string($0) }
        self.events.append(.object(update))
        self.events.append(["type": "results", "results": self.results(templateData)])
    }

    /// After a stop of the program: what was under way waits again.
    mutating func resume() {
        for index in self.items.indices where self.items[index].status == .processing {
            self.items[index].status = .waiting
        }
    }

    private mutating func progress(_ index: Int) {
        let item = self.items[index]
        var event: [String: JSONValue] = [
            "type": "persona_progress", "persona_id": .string(item.personaID), "status": .string(item.status.rawValue),
            "attempt": .integer(item.attempt),
        ]
        event["error"] = item.error.map { .string($0) }
        self.events.append(.object(event))
    }

    // MARK: What is told

    private func results(_ templateData: JSONValue) -> JSONValue {
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
