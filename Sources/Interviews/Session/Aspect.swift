/// What an interview wants to know of somebody.
public enum Aspect: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
    case values, goals, style, biography
    case currentFocus = "current_focus"

    /// Also by the names that other programs use: tone, background.
    public init?(named name: String) {
        switch name.lowercased().replacing("-", with: "_").replacing(" ", with: "_") {
        case "tone", "communication_style", "tone_style": self = .style
        case "background", "history": self = .biography
        case "currentfocus", "focus": self = .currentFocus
        case let name: self.init(rawValue: name)
        }
    }
}
