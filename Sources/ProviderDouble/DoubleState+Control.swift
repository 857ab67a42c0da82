import Foundation
import JSON

/// What tests say to the double itself, below `/__double`. The provider has no such path.
extension DoubleState {
    static let controlPath = "/__double"

    /// - Parameter moment: what time it is in the world.
    public mutating func obey(_ request: DoubleRequest, at moment: Date) -> DoubleReply {
        self.catchUp(self.clock.now(moment))
        let order = (try? JSONValue(strictly: request.body)) ?? .null
        let path = request.path.dropFirst(Self.controlPath.count)
        do throws(ProviderDoubleError) {
            switch (request.method, path) {
            case ("GET", ""): break
            case ("GET", "/requests"):
                let isShown = request.query["keys"] == "shown"
                return DoubleReply(200, self.journal.json(matching: request.query, showingKeys: isShown))
            case ("DELETE", "/requests"): self.clearJournal()
            case ("GET", "/faults"): return DoubleReply(200, .array(self.faults.rules.map(\.json)))
            case ("POST", "/faults"):
                for rule in order.array ?? [order] { try self.faults.add(FaultRule(rule)) }
            case ("DELETE", "/faults"): self.faults.clear()
            case ("POST", "/clock"): try self.moveClock(order, moment)
            case ("POST", "/settings"): try self.settings.obey(order)
            case ("POST", "/records"): try self.pin(order)
            case ("POST", "/reset"): self.reset(at: moment)
            default: return DoubleReply(404, ["error": .string("the double has no \(request.method) \(request.path)")])
            }
            return DoubleReply(200, self.summary(at: moment))
        } catch {
            return DoubleReply(422, ["error": .string(error.description)])
        }
    }

    /// Starts over with a clock that stands still at a moment such as `2025-12-01T10:00:00Z`.
    public mutating func startOver(at moment: String) throws(ProviderDoubleError) {
        try self.clock.obey(["set": .string(moment)])
        self.reset(at: .distantPast)
    }

    private mutating func moveClock(_ order: JSONValue, _ moment: Date) throws(ProviderDoubleError) {
        // All or nothing.
        var clock = self.clock
        try clock.obey(order)
        self.clock = clock
    }

    /// `{"document": ID, "status": "error", "error_message": "file_empty"}`; a status of `null` lets time decide again.
    private mutating func pin(_ order: JSONValue) throws(ProviderDoubleError) {
        let status = order["status"]?.string
        let failure = order["error_message"]?.string
        func change(_ record: inout DoubleRecord) {
            record.maturity.pinned = status
            record.maturity.failure = failure
        }
        var isFound = false
        if let id = order["persona"]?.string { isFound = self.personas.update(id, change) }
        if let id = order["replica"]?.string { isFound = self.replicas.update(id, change) }
        if let id = order["document"]?.string { isFound = self.documents.update(id, change) }
        guard isFound else {
            throw ProviderDoubleError("record", "name a persona, a replica or a document that is there")
        }
    }

    /// Says what this is, and what it has.
    private func summary(at moment: Date) -> JSONValue {
        [
            "double": .string(ProviderDouble.banner), "now": .string(self.clock.now(moment).formatted(.iso8601)),
            "settings": self.settings.json, "requests": .integer(self.journal.total),
            "faults": .integer(self.faults.rules.count), "created": .integer(self.created),
            "personas": .integer(self.personas.count), "replicas": .integer(self.replicas.count),
            "documents": .integer(self.documents.count),
        ]
    }
}
