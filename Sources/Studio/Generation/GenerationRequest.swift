/// Which persona is wanted of a template.
public struct GenerationRequest: Sendable, Equatable {
    public var mode: GenerationMode
    /// Such as `assess_mode_character`; nil leaves it to the template.
    public var personaType: String?
    public var gender: String?
    /// The author's own wishes, in words.
    public var customPrompt: String?
    /// Two of them give two people; nil and 0 give the one that the template describes.
    public var variation: Int?

    public init(
        mode: GenerationMode, personaType: String? = nil, gender: String? = nil, customPrompt: String? = nil,
        variation: Int? = nil
    ) {
        self.mode = mode
        self.personaType = personaType.flatMap { $0.isBlank ? nil : $0 }
        self.gender = gender.flatMap { $0.isBlank ? nil : $0 }
        self.customPrompt = customPrompt.flatMap { $0.isBlank ? nil : $0 }
        self.variation = variation
    }
}
