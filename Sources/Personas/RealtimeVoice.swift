/// A voice that realtime models accept. There is no way to hold another one.
///
/// - Source: OpenAI Realtime, `session.audio.output.voice`; a name outside the list refuses the whole session.
public enum RealtimeVoice: String, Sendable, CaseIterable {
    case alloy, ash, ballad, coral, echo, sage, shimmer, verse, marin, cedar

    /// Voices of the same vendor's text-to-speech that authors write out of habit, and who sounds nearest.
    private static let nearest: [String: Self] = ["nova": .coral, "onyx": .ash, "fable": .ballad]

    /// nil for a name that is neither legal nor known from elsewhere. Case does not count.
    public init?(authored name: String) {
        let name = name.lowercased()
        guard let voice = Self(rawValue: name) ?? Self.nearest[name] else { return nil }
        self = voice
    }
}

/// Which of the four ways of speaking a persona's voice has, where the author says so.
public enum Gender: String, Sendable, CaseIterable {
    case female = "Female"
    case male = "Male"

    /// Case does not count.
    public init?(authored word: String) {
        guard let gender = Self.allCases.first(where: { $0.rawValue.lowercased() == word.lowercased() }) else {
            return nil
        }
        self = gender
    }
}
