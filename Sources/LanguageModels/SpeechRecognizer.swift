/// Writes down what somebody says.
public protocol SpeechRecognizer: Sendable {
    /// The words of one utterance; empty where nobody spoke.
    func transcribe(_ utterance: SpokenUtterance) async throws(LanguageModelError) -> String
}

/// Speech, whole.
public struct SpokenUtterance: Sendable, Equatable {
    /// A WAV file, PCM16 mono.
    public var wav: [UInt8]
    public var milliseconds: Int
    /// ISO 639-1, such as `hi`; nil where nobody knows.
    public var language: String?

    public init(wav: [UInt8], milliseconds: Int, language: String? = nil) {
        self.wav = wav
        self.milliseconds = milliseconds
        self.language = language
    }
}
