import ClientProtocol
import Personas
import RealtimeProtocol

/// What the machine asks its session to do, in order.
enum SessionAction: Sendable, Equatable {
    case connect(LineID)
    case disconnect(LineID)
    case upstream(LineID, RealtimeClientEvent)
    /// Sends a recording's samples as the model takes them, then reports `recordingSent`.
    case sendRecording(LineID, TurnID)
    case decode(TurnID)
    /// Forgets a recording's samples; stops sending them if that is under way.
    case discard(TurnID)
    case downstream(ServerMessage)
    /// `isTyped`: it answers a typed turn.
    case beginReply(ReplyHeader, isTyped: Bool)
    case play([UInt8])
    /// Plays the greeting that was kept for the persona of this hash, and reports `replyPlays`.
    case playCachedGreeting(String)
    /// The greeting that was just spoken said the right words: keeps its audio for the persona of this hash.
    case keepGreeting(String)
    case endReply(ReplyEnd)
    /// Stops and resumes sending audio, which waits meanwhile.
    case holdAudio(Bool)
    /// Drops whatever audio waits for the client.
    case clearAudio(generation: Int, heardMs: Int)
    case start(SessionTimer, Duration)
    case stop(SessionTimer)
    case openMicrophone(Bool)
    /// The line is being replaced: what the microphone hears is kept for the next one.
    case holdMicrophone
    /// What the microphone heard until now became an item of the model: kept until the turn is answered.
    case keepSpeech(itemID: String)
    case forgetSpeech(itemID: String)
    /// Makes a recording of the speech that was kept as these items.
    case recallSpeech(itemIDs: [String], as: TurnID)
    /// The client's live turn ends where the microphone's audio that was kept ends.
    case commitKept
    case rememberGreeting(personaID: String)
    case count(SessionEvent)
}

/// Something that must not take for ever.
enum SessionTimer: Sendable, Hashable {
    /// `session.created` and `session.updated` of a line.
    case setUp(LineID)
    /// The first audio or text of a requested reply, and from then on more of it.
    case firstOutput
    /// `response.done` of a cancelled response.
    case cancellation
    /// Before another attempt to connect.
    case retry
    /// Until a reply has been heard over which the microphone is closed.
    case replyHeard
    /// Until a silent user is asked whether they are still there.
    case idle
    /// The verdict on speech over a reply.
    case bargeIn
    /// Until the line should be replaced, before its provider ends it.
    case rotation
}

/// What is counted.
enum SessionEvent: Sendable, Hashable {
    case bargeIn, personaSwitch, greetingDrift, scriptMismatch, reconnect, rotation
    case error(ErrorCode)
}
