import ClientProtocol
import Personas
import RealtimeProtocol

/// Names one connection to a model within a session.
struct LineID: Sendable, Hashable {
    let number: Int
}

/// A connection to a model on behalf of one persona, from dialling to its end.
struct Line: Sendable, Equatable {
    enum Phase: Sendable, Equatable {
        /// Until `session.created`.
        case dialling
        /// Until `session.updated`: no audio and no request before it, or the model answers as its own default self and
        /// locks a voice that is not the persona's.
        case configuring
        case ready
    }

    /// How to begin once the line is ready.
    struct Opening: Sendable, Equatable {
        var greets: Bool
        /// The greeting was spoken before, and its audio is at hand.
        var isGreetingCached = false
        var switchID: String?
        /// What was said so far, for the model's eyes.
        var recap: String?
        /// The client is told `config_ack`: not when a line is replaced.
        var acknowledges: Bool

        /// The same conversation goes on.
        var continues: Bool { !self.acknowledges }
    }

    let id: LineID
    let persona: CompiledPersona
    var opening: Opening
    var phase = Phase.dialling
    var capabilities = RealtimeCapabilities()
    /// Whether the model ends the user's turns (live microphone) or the client does (whole recordings).
    var isListening = false
    var attempt = 1
    /// Time from its beginning after which another takes its place.
    var rotatesAfter: Duration?
}
