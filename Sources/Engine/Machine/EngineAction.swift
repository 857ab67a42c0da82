import JSON

/// What the machine asks its session to do, in order.
enum EngineAction: Sendable, Equatable {
    case send(ServerEvent)
    /// Starts to synthesize; the audio comes back through `audioMade`, its end through `speechEnded` or `speechFailed`.
    case speak(responseID: String, SpeechRequest)
    /// Sends the audio that was just reported as made.
    case sendAudio(responseID: String, itemID: String, format: AudioFormat)
    /// The response is over: stops its synthesis and forgets its audio.
    case responseEnded(id: String, status: Response.Status)
    /// Ends the connection when what was sent is out.
    case close(code: Int, reason: String)
}
