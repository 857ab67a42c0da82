/// Turns text into speech.
public protocol SpeechSynthesizer: Sendable {
    /// PCM16 at 24 kHz, mono, in pieces of any length as they are made. Ending the iteration early cancels the synthesis.
    func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<[Int16], any Error>
}

/// What is to be spoken, and how.
public struct SpeechRequest: Sendable, Equatable {
    public var text: String
    /// BCP 47, such as `hi` or `en-IN`.
    public var language: String
    /// A voice of the Realtime API, such as `marin`.
    public var voice: String
    /// 1 is the voice's own pace; 0.25…1.5.
    public var speed: Double

    public init(text: String, language: String, voice: String, speed: Double = 1) {
        self.text = text
        self.language = language
        self.voice = voice
        self.speed = speed
    }
}
