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

// What happens to it.
extension PromptJob {
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
}
