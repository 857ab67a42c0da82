import ClientProtocol
import Personas
import RealtimeProtocol

/// Every decision of a conversation: an event goes in, actions come out.
///
/// It does no I/O, reads no clock and awaits nothing. Time comes in with the events that need it, as milliseconds of the
/// session. One machine owns `response.create`: there is never more than one response under way, and what is to be
/// answered next waits in `queue`. Whatever belongs to an older generation than `generation` is not heard any more.
public struct ConversationMachine: Sendable, Equatable {
    /// What differs from one deployment to the next.
    public struct Limits: Sendable, Equatable {
        /// From dialling to `session.updated`.
        public var setUp: Duration = .seconds(5)
        /// From `response.create` to the first output, and from each output of a reply to the next one or its end.
        public var firstOutput: Duration = .seconds(8)
        /// From `response.cancel` to `response.done`.
        public var cancellation: Duration = .seconds(3)
        /// Between two attempts to connect.
        public var retryPause: Duration = .milliseconds(300)
        /// From the onset of speech over a reply to the verdict whether it is meant.
        public var bargeInVerdict: Duration = .milliseconds(500)
        public var maxAttempts = 2
        /// From the loss of a line until no more attempts are made to replace it.
        public var recovery: Duration = .seconds(10)
        /// Between the first two of these attempts; doubles with each one more, up to `maxRecoveryPause`.
        public var recoveryPause: Duration = .milliseconds(250)
        public var maxRecoveryPause: Duration = .seconds(2)
        /// After the end of these attempts, before a voice makes for others.
        public var wakePause: Duration = .seconds(2)
        /// Between two looks for a moment in which a line can be replaced unnoticed.
        public var rotationPause: Duration = .milliseconds(250)
        /// After a line that should have replaced another could not be had.
        public var rotationRetry: Duration = .seconds(5)
        /// From the last that a microphone sent until a sentence that has no end is one no more.
        public var abandonedSpeech: Duration = .seconds(3)
        /// Turns that may wait for their answer.
        public var maxQueuedTurns = 4
        /// Silence after which the persona asks once whether the user is still there; nil never asks.
        public var idleNudge: Duration?

        public init() {}
    }

    let limits: Limits
    /// Rises with every interruption and every switch.
    var generation = 0
    /// The line of the persona in force.
    var line: Line?
    /// The line of the persona that is to take over.
    var candidate: Line?
    /// A persona whose line could not be had: the user's next turn tries again.
    var dormant: Dormant?
    var reply = ReplyState.none
    var queue: [QueuedTurn] = []
    /// The recording that is on its way to the model.
    var sending: TurnID?
    var playback = PlaybackClock()
    var recap = Recap()
    /// A live microphone has been announced or heard.
    var isStreaming = false
    var lastLine = 0
    /// Responses that were asked for.
    var asks = 0
    /// Something is being heard over which a live microphone stays closed.
    var isReplyProtected = false
    /// The client can hold its audio while it is found out whether it is interrupted.
    var canPause = false
    /// Without it a client's microphone hears the persona.
    var hasEchoCancellation = true
    var bargeIn: BargeIn?
    /// Items that turned out to be no speech for the persona, until the model has made them.
    var rejectedItems: [String] = []
    /// Commits of whole recordings that the model has not confirmed yet: those turns are asked for already.
    var recordingCommits = 0
    /// The item of the last recording that the model has confirmed.
    var recordingItem: String?
    /// Live turns that were made recordings of, because their line was lost.
    var recalls = 0
    /// When the line was lost that is being replaced, in milliseconds of the session.
    var lostAtMs: Int?
    /// The items before those of the user whose transcripts have not come yet.
    var previousItems: [String: String] = [:]
    /// The response whose audio went out last.
    var lastResponse: String?
    /// What was spoken of the last reply that the model has completed.
    var spoken: SpokenParts?
    /// The model hears speech that is not over yet.
    var isUserSpeaking = false
    /// When the microphone last sent something, or the model last heard speech begin, in milliseconds of the session.
    var lastSoundMs = 0
    /// The user's microphone is off.
    var isMuted = false
    /// Replies are wanted as text alone.
    var isTextOnly = false
    /// The user was asked whether they are still there, and has said nothing since.
    var wasNudged = false
    /// The client ended its live turn while there was no line to tell.
    var commitWaits = false

    public init(limits: Limits = Limits()) {
        self.limits = limits
    }

    struct Dormant: Sendable, Equatable {
        let persona: CompiledPersona
        let opening: Line.Opening
        /// When a voice in the microphone may try again; nil where that would not help.
        var wakesAtMs: Int?
    }

    /// The persona that speaks now.
    var persona: CompiledPersona? { self.line?.persona }

    /// A persona was chosen, whether its model can be reached or not.
    var hasPersona: Bool { self.line != nil || self.candidate != nil || self.dormant != nil }

    /// The name of the last request for a response: a model's error may say that it is about it.
    var requestID: String { "ask_\(self.asks)" }

    /// Nothing is being said, asked or prepared.
    var isQuiet: Bool { self.reply.isIdle && self.queue.isEmpty && self.sending == nil && self.candidate == nil }
}

extension ConversationMachine {
    /// Audio of the reply in force went out to the client.
    mutating func audioSent(_ milliseconds: Int, of itemID: String, now: Int) {
        self.playback.sent(milliseconds, of: itemID, now: now)
    }

    /// - Parameter responseID: what the client played; empty where it does not say.
    mutating func playedReported(_ milliseconds: Int, of responseID: String) {
        // Of a reply before this one it comes too late to mean anything.
        guard responseID.isEmpty || responseID == self.lastResponse else { return }
        self.playback.reported(milliseconds)
    }

    /// A client that was away is sent the reply again from there on.
    mutating func replayed(from milliseconds: Int, of itemID: String, now: Int) {
        self.playback.rewind(to: milliseconds, of: itemID, now: now)
    }

    /// A client that was away has heard everything.
    mutating func playbackEnded() {
        self.playback.stop()
    }

    /// - Parameters:
    ///   - life: how long the line can be used, where that is known.
    ///   - jitter: from 0 to 1, by chance: conversations that began together do not all move at the same moment.
    mutating func connected(
        _ id: LineID, _ capabilities: RealtimeCapabilities, life: Duration? = nil, jitter: Double = 0
    ) {
        guard self.candidate?.id == id else { return }
        self.candidate?.capabilities = capabilities
        self.candidate?.rotatesAfter = life.map { $0 * (0.75 + 0.15 * jitter) }
    }
}
