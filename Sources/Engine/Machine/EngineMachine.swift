import JSON
import RealtimeProtocol

/// Every decision of one session of the engine: an event goes in, actions come out.
///
/// It does no I/O, reads no clock and awaits nothing: time passes as the client's samples come and as the reply's samples
/// go. At most one response is under way in the conversation; others that stay outside of it may overlap.
struct EngineMachine: Sendable, Equatable {
    struct Limits: Sendable, Equatable {
        var conversation = Conversation.Limits()
        /// Responses under way, those outside the conversation included.
        var maxResponses = 8
        /// Of an utterance that is to be written down.
        var maxHeardBytes = 120 * 48_000
    }

    /// What the session can have done by others.
    struct Abilities: Sendable, Equatable {
        /// A language model writes replies.
        var composes = false
        /// Somebody writes speech down.
        var transcribes = false
    }

    struct Utterance: Sendable, Equatable {
        /// The item that it will be.
        let itemID: String
        /// Where it began in all audio of the session.
        let startMs: Int
    }

    let limits: Limits
    let abilities: Abilities
    let identity: SessionIdentity
    var ids: IdentifierSource
    var settings: SessionSettings
    var sketch: PersonaSketch
    var conversation: Conversation
    var input: InputBuffer
    /// Finds turns; nil where the client ends them.
    var listener: TurnListener?
    var cutter = FrameCutter()
    /// Frames whose verdicts have not come.
    var unjudgedFrames = 0
    /// What the user is saying now.
    var utterance: Utterance?
    var responses: [Response] = []
    /// The voice of the first audio; from then on there is no other.
    var spokenVoice: String?
    var replies = 0
    /// Where, in all audio of the session, the last reply had been heard; nil once it was answered.
    var idleSinceMs: Int?
    /// The user's turn ended while a response was under way that it may not interrupt: the next one answers it.
    var owesReply = false
    /// Items whose words are being written down.
    var unwritten: Set<String> = []

    init(
        identity: SessionIdentity, ids: IdentifierSource, settings: SessionSettings = SessionSettings(),
        limits: Limits = Limits(), abilities: Abilities = Abilities()
    ) {
        self.limits = limits
        self.abilities = abilities
        self.identity = identity
        self.ids = ids
        self.settings = settings
        self.sketch = PersonaSketch(instructions: settings.instructions)
        self.conversation = Conversation(limits: limits.conversation)
        let heardBytes = abilities.transcribes ? limits.maxHeardBytes : 0
        self.input = InputBuffer(
            format: settings.inputFormat, maxKeptBytes: max(heardBytes, limits.conversation.maxAudioBytes))
        self.listener = settings.turnDetection.map { TurnListener($0.sensitivity) }
    }

    /// The client is there.
    func opened() -> [EngineAction] {
        [.send(ServerEvent("session.created", ["session": self.settings.json(self.identity)]))]
    }

    /// An event of the client. A wrong one changes nothing and is answered with an `error` that carries its id.
    mutating func received(_ event: Result<ClientEvent, RealtimeError>, id: String?) -> [EngineAction] {
        do throws(RealtimeError) {
            return try self.handle(try event.get())
        } catch {
            var error = error
            error.eventID = id
            return [.send(.error(error))]
        }
    }

    /// The session has lasted as long as one may.
    func expired(afterMinutes minutes: Int) -> [EngineAction] {
        let message = "Your session hit the maximum duration of \(minutes) minutes."
        return [.send(.error(.refusal("session_expired", message))), .close(code: 1001, reason: message)]
    }

    private mutating func handle(_ event: ClientEvent) throws(RealtimeError) -> [EngineAction] {
        switch event {
        case .updateSession(let session): try self.updateSession(session)
        case .appendAudio(let bytes): self.audioAppended(bytes)
        case .commitAudio: try self.commitAudio()
        case .clearAudio: self.clearAudio()
        case .createItem(let item, let place): try self.createItem(item, at: place)
        case .retrieveItem(let id): try self.retrieveItem(id)
        case .truncateItem(let id, let index, let endMs): try self.truncateItem(id, index, audioEndMs: endMs)
        case .deleteItem(let id): try self.deleteItem(id)
        case .createResponse(let options): try self.createResponse(options)
        case .cancelResponse(let id): try self.cancelResponse(id)
        }
    }

    private mutating func updateSession(_ session: JSONValue) throws(RealtimeError) -> [EngineAction] {
        let next = try self.settings.updated(by: session, isVoiceLocked: self.spokenVoice != nil)
        if next.instructions != self.settings.instructions {
            self.sketch = PersonaSketch(instructions: next.instructions)
        }
        if next.turnDetection != self.settings.turnDetection { self.detectTurns(by: next.turnDetection) }
        self.input.change(format: next.inputFormat)
        self.settings = next
        return [.send(ServerEvent("session.updated", ["session": next.json(self.identity)]))]
    }
}
