import LanguageModels

/// What the engine may ask of others; without them it recognises no word and answers from the persona alone.
public struct EngineModels: Sendable {
    /// Writes the replies.
    public var languageModel: (any LanguageModel)?
    /// Writes down what users say.
    public var recognizer: (any SpeechRecognizer)?

    public init(languageModel: (any LanguageModel)? = nil, recognizer: (any SpeechRecognizer)? = nil) {
        self.languageModel = languageModel
        self.recognizer = recognizer
    }

    var abilities: EngineMachine.Abilities {
        EngineMachine.Abilities(
            composes: self.languageModel?.answers(in: .reply) ?? false, transcribes: self.recognizer != nil)
    }
}
