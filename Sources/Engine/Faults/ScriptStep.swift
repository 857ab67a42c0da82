import JSON
import Transport

/// One thing that a scripted connection does or waits for.
struct ScriptStep: Sendable, Equatable {
    enum Action: Sendable, Equatable {
        /// All of these, in any order.
        case expect([EventPattern], withinMs: Int)
        /// The client leaves. No codes take any.
        case expectClose(codes: [Int], withinMs: Int)
        /// An event; its id is added when it is sent.
        case send([String: JSONValue])
        case text([UInt8])
        case delay(milliseconds: Int)
        /// The engine's own answer to what was expected last.
        case reply
        /// The engine takes over, for a while.
        case engine(EngineTurn)
        case close(code: Int, reason: String)
        case fault(WireFault)
        case stopReading
    }

    /// Of the file.
    let line: Int
    /// How a report names it, such as `expect response.create`.
    let name: String
    let action: Action

    /// How long the engine talks with the client by itself.
    struct EngineTurn: Sendable, Equatable {
        /// Until it has sent so many events of this type; nil is until the connection ends.
        var until: String?
        var times = 1
        /// Events of these types are sent twice.
        var repeated: Set<String> = []
        /// Events of these types are not sent.
        var dropped: Set<String> = []
    }
}

/// Which events a step waits for.
struct EventPattern: Sendable, Equatable {
    let type: String
    /// Members that the event must have with these values; within objects, the same again.
    var fields: [String: JSONValue] = [:]

    func fits(_ event: JSONValue) -> Bool {
        event["type"]?.string == self.type && Self.contains(event, .object(self.fields))
    }

    private static func contains(_ value: JSONValue, _ part: JSONValue) -> Bool {
        switch (value, part) {
        case (.object(let members), .object(let wanted)):
            wanted.allSatisfy { name, part in members[name].map { self.contains($0, part) } ?? false }
        case (.array(let values), .array(let wanted)):
            values.count == wanted.count && zip(values, wanted).allSatisfy { self.contains($0, $1) }
        default: value == part || (value.double != nil && value.double == part.double)
        }
    }
}
