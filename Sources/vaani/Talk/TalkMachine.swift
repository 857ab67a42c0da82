import JSON

/// The client's side of a conversation: what happened in, what to do out. No socket, no clock, no terminal.
///
/// Speaks the legacy mode of `/ws-mobile`, as phones do: one WAV and one text for each reply.
struct TalkMachine: Sendable {
    enum Action: Sendable, Equatable {
        case send(JSONValue)
        /// A persona is ready to talk to.
        case showPersona(id: String, name: String, language: String)
        case showReply(Reply)
        case showProblem(String)
        /// A whole WAV.
        case keep(wav: [UInt8])
        case finish(ExitCode)
    }

    /// Something that is done when what came before it has been answered.
    enum Step: Sendable, Equatable {
        case say(TalkTurn)
        case switchTo(String)
        case finish
    }

    struct Reply: Sendable, Equatable {
        var speaker: String
        var text: String
        var wav: [UInt8]
        /// From the question to the first audio; nil for what was not asked for, such as the greeting.
        var waited: Duration?
    }

    private struct Open: Sendable {
        var askedAt: Duration?
        var firstAudioAt: Duration?
        var wav: [UInt8] = []
        var text: String?
    }

    /// Steps still to take.
    private var script: [Step]
    private let isInteractive: Bool
    private let readsLines: Bool
    private let persona: String?
    private let greets: Bool
    private var speaker = ""
    private var isReady = false
    private var open = Open()
    private var isWaiting = false

    /// - Parameters:
    ///   - greets: whether the persona shall begin.
    ///   - isInteractive: whether a person types, who may interrupt; else one step waits for the other.
    ///   - readsLines: whether steps come from outside, whose end is told; else the script's end is the conversation's.
    init(persona: String?, script: [TalkTurn], greets: Bool, isInteractive: Bool, readsLines: Bool = false) {
        self.persona = persona
        self.script = script.map { .say($0) }
        self.greets = greets
        self.isInteractive = isInteractive
        self.readsLines = readsLines
    }

    mutating func connected() -> [Action] {
        guard let persona = self.persona else { return self.becomeReady(at: .zero) }
        return [.send(["type": "config", "astrologer_id": .string(persona), "greet": .bool(self.greets)])]
    }

    /// Takes a step when its turn has come.
    mutating func queued(_ step: Step, at now: Duration) -> [Action] {
        self.script.append(step)
        return self.isReady && !self.isWaiting ? self.goOn(at: now) : []
    }

    mutating func said(_ turn: TalkTurn, at now: Duration) -> [Action] {
        guard self.isReady else {
            self.script.append(.say(turn))
            return []
        }
        self.open = Open(askedAt: now)
        self.isWaiting = true
        return [.send(turn.message)]
    }

    /// A person hears the greeting; a script goes on when the persona is ready.
    mutating func switched(to persona: String) -> [Action] {
        self.open = Open()
        self.isWaiting = false
        self.isReady = self.isInteractive
        return [.send(["type": "config", "astrologer_id": .string(persona), "greet": .bool(self.isInteractive)])]
    }

    mutating func received(_ message: JSONValue, at now: Duration) -> [Action] {
        switch message["type"]?.string {
        case "config_ack": self.acknowledged(message, at: now)
        case "audio_response": self.audioArrived(message, at: now)
        case "text_response": self.textArrived(message, at: now)
        case "error": self.failed(message)
        case "warning": [.showProblem(message["message"]?.string ?? "warning")]
        default: []
        }
    }

    private mutating func acknowledged(_ message: JSONValue, at now: Duration) -> [Action] {
        guard message["status"]?.string != "failed" else { return [] }
        let id = message["astrologer_id"]?.string ?? ""
        self.speaker = message["persona"]?["name"]?.string ?? id
        let language = message["persona"]?["language"]?.string ?? ""
        return [.showPersona(id: id, name: self.speaker, language: language)] + self.becomeReady(at: now)
    }

    private mutating func becomeReady(at now: Duration) -> [Action] {
        self.isReady = true
        // With nothing to say, the greeting is what the caller came for.
        guard !self.isWaiting, !self.script.isEmpty else { return [] }
        return self.goOn(at: now)
    }

    private mutating func audioArrived(_ message: JSONValue, at now: Duration) -> [Action] {
        guard let text = message["audio"]?.string, let wav = Base64.decode(text) else {
            return [.showProblem("a reply could not be read")]
        }
        self.open.firstAudioAt = self.open.firstAudioAt ?? now
        self.open.wav += wav
        return [.keep(wav: wav)] + self.finishReply(at: now)
    }

    private mutating func textArrived(_ message: JSONValue, at now: Duration) -> [Action] {
        self.open.text = message["text"]?.string ?? ""
        return self.finishReply(at: now)
    }

    /// A reply is whole when its audio and its text are there, in either order.
    private mutating func finishReply(at now: Duration) -> [Action] {
        guard let text = self.open.text, let firstAudioAt = self.open.firstAudioAt else { return [] }
        let waited = self.open.askedAt.map { firstAudioAt - $0 }
        let reply = Reply(speaker: self.speaker, text: text, wav: self.open.wav, waited: waited)
        self.open = Open()
        self.isWaiting = false
        return [.showReply(reply)] + self.goOn(at: now)
    }

    private mutating func goOn(at now: Duration) -> [Action] {
        guard !self.script.isEmpty else { return self.isInteractive || self.readsLines ? [] : [.finish(.success)] }
        switch self.script.removeFirst() {
        case .say(let turn): return self.said(turn, at: now)
        case .switchTo(let persona): return self.switched(to: persona)
        case .finish: return [.finish(.success)]
        }
    }

    private mutating func failed(_ message: JSONValue) -> [Action] {
        let code = message["code"]?.string ?? "error"
        let sentence = message["message"]?.string ?? message["error"]?.string ?? "the server reports an error"
        let problem = Action.showProblem("\(sentence) (\(code))")
        self.open = Open()
        self.isWaiting = false
        return self.isInteractive ? [problem] : [problem, .finish(Self.exitCode(of: code))]
    }

    /// What the caller could mend is bad data; the rest is a service that is not there.
    static func exitCode(of code: String) -> ExitCode {
        let callersOwn = ["persona", "bad_", "unsupported", "too_large", "no_speech"]
        return callersOwn.contains { code.hasPrefix($0) } ? .badData : .unavailable
    }
}
