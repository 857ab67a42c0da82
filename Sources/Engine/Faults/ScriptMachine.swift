import JSON
import Transport

/// Every decision of one scripted connection: an event goes in, actions come out.
///
/// It does no I/O and reads no clock: time comes back through ``woken(_:)``. Events of the client wait in the order in
/// which they came until a step expects them, so that their exact time makes no difference. Behind it is an engine
/// session, which hears what the script lets through and whose events are sent where a step wants them.
struct ScriptMachine: Sendable, Equatable {
    enum Action: Sendable, Equatable {
        /// A text frame for the client.
        case send([UInt8])
        /// What the client said, for the engine: between ``engineHears(isAloud:)`` and ``engineSettled()``. What it says
        /// at once is for the client only where this is aloud.
        case toEngine([UInt8], isAloud: Bool)
        case wake(afterMs: Int, ticket: Int)
        case close(code: Int, reason: String)
        case fault(WireFault)
        case stopReading
    }

    /// What the step under way waits for.
    enum Wait: Sendable, Equatable {
        case nothing
        case events([EventPattern])
        case time
        case close
        /// The engine's answer to so many events that it has not heard yet.
        case reply(unheard: Int)
        case engine(ScriptStep.EngineTurn, left: Int)
    }

    /// What the client says before anybody listens, beyond which it has failed.
    private static let maxWaiting = 2_000

    let steps: [ScriptStep]
    let allowed: Set<String>
    let dialect: FaultScript.Dialect
    /// The step under way; behind the last one when all are done.
    private(set) var index = 0
    private(set) var failure: ScriptFailure?
    private(set) var isClosed = false
    private var wait = Wait.nothing
    private var ticket = 0
    private var inbox: [ClientFrame] = []
    /// What was expected last, and nobody has answered.
    private var unanswered: [ClientFrame] = []
    /// The engine's first event, until a step sends it.
    private var greeting: [UInt8]?
    private var openResponses = 0
    /// What the engine says now is not for the client.
    private var isMuted = false
    private var eventCount = 0
    /// This side has said that it closes.
    private var hasLeft = false

    struct ClientFrame: Sendable, Equatable {
        let text: [UInt8]
        let type: String
        let event: JSONValue
    }

    init(_ connection: FaultScript.Connection, dialect: FaultScript.Dialect) {
        self.steps = connection.steps
        self.allowed = connection.allowed
        self.dialect = dialect
    }

    /// Nothing that happens to this connection can change the outcome any more.
    var isDecided: Bool { self.failure != nil || self.isClosed }

    var progress: ScriptProgress {
        ScriptProgress(done: self.index, unreached: self.unreached, failure: self.failure, isClosed: self.isClosed)
    }

    /// The step that was not done; nil when all were.
    var unreached: ScriptStep? { self.index < self.steps.count ? self.steps[self.index] : nil }

    // MARK: What happens

    /// The connection is open; the engine has been opened, too, and said its first words.
    mutating func opened() -> [Action] {
        self.proceed()
    }

    mutating func received(_ text: [UInt8]) -> [Action] {
        guard !self.isDecided, !self.hasLeft else { return [] }
        if case .engine = self.wait { return [.toEngine(text, isAloud: true)] }
        let event = (try? JSONValue(parsing: text)) ?? .null
        let type = event["type"]?.string ?? "(no event)"
        // Audio is not looked at: a script of minutes would keep all of it.
        self.inbox.append(ClientFrame(text: text, type: type, event: event))
        guard self.inbox.count <= Self.maxWaiting else { return self.fail("\(Self.maxWaiting) events wait") }
        return self.listen()
    }

    mutating func receivedBinary() -> [Action] {
        self.isDecided || self.hasLeft ? [] : self.fail("a binary frame came")
    }

    mutating func woken(_ ticket: Int) -> [Action] {
        guard ticket == self.ticket, !self.isDecided else { return [] }
        switch self.wait {
        case .time: return self.next()
        case .events(let patterns):
            return self.fail("\(patterns.map(\.type).joined(separator: ", ")) did not come in time")
        case .close: return self.fail("the client did not leave in time")
        case .nothing, .reply, .engine: return []
        }
    }

    mutating func closed(code: Int) -> [Action] {
        guard !self.isClosed else { return [] }
        self.isClosed = true
        guard self.failure == nil else { return [] }
        if case .engine(let turn, _) = self.wait, turn.until == nil { self.index += 1 }
        // A pause before it is of no consequence.
        while let step = self.unreached, case .delay = step.action { self.index += 1 }
        guard let step = self.unreached else { return [] }
        if case .expectClose(let codes, _) = step.action, self.index == self.steps.count - 1 {
            guard codes.isEmpty || codes.contains(code) else { return self.fail("the client left with \(code)") }
            self.index += 1
            return []
        }
        return self.fail("never reached: the connection ended with \(code)")
    }

    // MARK: What the engine says

    mutating func engineSent(_ text: [UInt8]) -> [Action] {
        guard !self.isDecided else { return [] }
        let event = (try? JSONValue(parsing: text)) ?? .null
        let type = event["type"]?.string ?? ""
        switch type {
        case "session.created" where self.greeting == nil && self.wait == .nothing:
            self.greeting = text
            return []
        case "response.created": self.openResponses += 1
        case "response.done": self.openResponses = max(0, self.openResponses - 1)
        default: break
        }
        switch self.wait {
        case .reply(let unheard) where !self.isMuted:
            let sent = self.forward(text, type, event)
            return unheard == 0 && self.openResponses == 0 ? sent + self.next() : sent
        case .engine(let turn, let left) where !self.isMuted: return self.forward(text, type, event, turn, left)
        default:
            // Nobody asked: it has ended a turn by itself.
            return type == "response.created" ? [.toEngine(Self.cancel, isAloud: false)] : []
        }
    }

    /// A `toEngine` begins.
    mutating func engineHears(isAloud: Bool) {
        self.isMuted = !isAloud
    }

    /// All that the latest `toEngine` brought about at once has been told.
    mutating func engineSettled() -> [Action] {
        defer { self.isMuted = false }
        guard case .reply(let unheard) = self.wait, !self.isMuted, unheard > 0, !self.isDecided else { return [] }
        self.wait = .reply(unheard: unheard - 1)
        return unheard == 1 && self.openResponses == 0 ? self.next() : []
    }

    private mutating func forward(
        _ text: [UInt8], _ type: String, _ event: JSONValue, _ turn: ScriptStep.EngineTurn, _ left: Int
    ) -> [Action] {
        var actions: [Action] = []
        if !turn.dropped.contains(type) {
            actions += self.forward(text, type, event)
            if turn.repeated.contains(type) { actions += self.forward(text, type, event) }
        }
        guard type == turn.until else { return actions }
        guard left <= 1 else {
            self.wait = .engine(turn, left: left - 1)
            return actions
        }
        if self.openResponses > 0 { actions.append(.toEngine(Self.cancel, isAloud: false)) }
        return actions + self.next()
    }

    private func forward(_ text: [UInt8], _ type: String, _ event: JSONValue) -> [Action] {
        guard self.dialect == .beta else { return [.send(text)] }
        guard !BetaNames.unknown.contains(type), var members = event.object else { return [] }
        members["type"] = .string(BetaNames.name(of: type))
        return [.send(JSONValue.object(members).encoded)]
    }

    private static let cancel = Array(#"{"type":"response.cancel"}"#.utf8)
}

// MARK: Steps

extension ScriptMachine {
    /// Begins the step under way, and those behind it as far as none has to wait.
    private mutating func proceed() -> [Action] {
        guard let step = self.unreached else { return self.listen() }
        switch step.action {
        case .expect(let patterns, let withinMs):
            let answered = self.overhear()
            self.wait = .events(patterns)
            return answered + self.wake(withinMs) + self.listen()
        case .expectClose(_, let withinMs):
            self.wait = .close
            return self.wake(withinMs) + self.listen()
        case .delay(let milliseconds):
            self.wait = .time
            return self.wake(milliseconds)
        case .send(let event): return [.send(self.identified(event))] + self.next()
        case .text(let text): return [.send(text)] + self.next()
        case .reply: return self.reply()
        case .engine(let turn): return self.handOver(turn)
        case .close(let code, let reason):
            self.hasLeft = true
            return [.close(code: code, reason: reason)] + self.next()
        case .fault(let fault):
            self.hasLeft = self.hasLeft || fault == .reset
            return [.fault(fault)] + self.next()
        case .stopReading: return [.stopReading] + self.next()
        }
    }

    private mutating func next() -> [Action] {
        self.index += 1
        self.wait = .nothing
        self.ticket += 1
        return self.proceed()
    }

    private mutating func wake(_ milliseconds: Int) -> [Action] {
        self.ticket += 1
        return [.wake(afterMs: milliseconds, ticket: self.ticket)]
    }

    private mutating func identified(_ event: [String: JSONValue]) -> [UInt8] {
        self.eventCount += 1
        var event = event
        if event["event_id"] == nil { event["event_id"] = .string("event_\(self.eventCount)") }
        return JSONValue.object(event).encoded
    }

    /// Takes what waits, if the step under way expects it or nothing more is to come.
    private mutating func listen() -> [Action] {
        var actions: [Action] = []
        while let frame = self.inbox.first, self.failure == nil {
            var patterns: [EventPattern] = []
            switch self.wait {
            case .events(let wanted): patterns = wanted
            case .close: break
            case .nothing where self.unreached == nil: break
            case .nothing, .time, .reply, .engine: return actions
            }
            self.inbox.removeFirst()
            if let found = patterns.firstIndex(where: { $0.fits(frame.event) }) {
                patterns.remove(at: found)
                self.unanswered.append(frame)
                self.wait = .events(patterns)
                if patterns.isEmpty { return actions + self.next() }
            } else if self.allowed.contains(frame.type) {
                if case .events = self.wait {
                    actions += frame.isRequest ? [] : [.toEngine(frame.text, isAloud: false)]
                }
            } else {
                return actions + self.fail("\"\(frame.type.prefix(64))\" came, which nothing expects")
            }
        }
        return actions
    }

    private mutating func fail(_ reason: String) -> [Action] {
        self.failure = ScriptFailure(step: self.unreached ?? self.steps.last, reason: reason)
        return self.isClosed || self.hasLeft ? [] : [.close(code: 1011, reason: "the script has failed")]
    }
}

// MARK: The engine's part

extension ScriptMachine {
    /// The engine hears of what the script has answered itself, so that it knows the conversation.
    private mutating func overhear() -> [Action] {
        defer { self.unanswered = [] }
        return self.unanswered.filter { !$0.isRequest }.map { .toEngine($0.text, isAloud: false) }
    }

    private mutating func reply() -> [Action] {
        let asked = self.unanswered
        self.unanswered = []
        self.wait = .reply(unheard: asked.count)
        guard asked.isEmpty else { return asked.map { .toEngine($0.text, isAloud: true) } }
        guard let greeting = self.greeting else { return self.fail("there is nothing to reply to") }
        self.greeting = nil
        return [.send(greeting)] + self.next()
    }

    private mutating func handOver(_ turn: ScriptStep.EngineTurn) -> [Action] {
        self.wait = .engine(turn, left: turn.times)
        var actions: [Action] = []
        if self.index == 0, let greeting = self.greeting { actions += [.send(greeting)] }
        let heard = self.unanswered + self.inbox
        self.unanswered = []
        self.inbox = []
        return actions + heard.map { .toEngine($0.text, isAloud: true) }
    }

}

extension ScriptMachine.ClientFrame {
    /// The engine would answer it aloud.
    fileprivate var isRequest: Bool {
        self.type == "response.create" || self.event["item"]?["type"]?.string == "force_message"
    }
}
