import JSON
import LanguageModels

/// What the machine asks its session to do, in order.
enum EngineAction: Sendable, Equatable {
    case send(ServerEvent)
    /// Has the audio of a text made, behind that of earlier ones of the same response; it comes back through `audioMade`,
    /// the end of all through `speechEnded` or `speechFailed`.
    case speak(responseID: String, SpeechRequest)
    /// A language model will be asked: `compositionEnded` is due when there is no sentence in time.
    case expectWords(responseID: String)
    /// Asks the language model; its sentences come back through `composed`, their end through `compositionEnded`.
    case compose(responseID: String, ChatRequest)
    /// Nothing more will be spoken in a response that was composed.
    case speechIsWritten(responseID: String)
    /// Has whole frames of the microphone judged, at 24 kHz; the verdicts come back through `judged`, at once.
    case judge(frames: [Int16], threshold: Double)
    /// Has a recording written down; the words come back through `transcribed` or `transcriptionFailed`.
    case transcribe(itemID: String, Hearing)
    /// Sends the audio that was just reported as made.
    case sendAudio(responseID: String, itemID: String, format: AudioFormat)
    /// The response is over: stops its synthesis and forgets its audio.
    case responseEnded(id: String, status: Response.Status)
    /// Ends the connection when what was sent is out.
    case close(code: Int, reason: String)
}
