/// What the engine needs to know of the persona that it plays, read back from the session's instructions.
///
/// Compiled personas carry sections of their own behind the persona's text, each headed by `## ` and a title. A section
/// that comes twice counts the last time: the persona's own text comes first and may hold anything.
struct PersonaSketch: Sendable, Equatable {
    private static let maxLineLength = 400
    private static let maxQuestions = 24
    private static let maxKeywords = 64

    var name: String?
    var field: String?
    /// BCP 47; nil where the instructions do not say.
    var language: String?
    var questions: [String] = []
    /// What the field is about, in small letters.
    var keywords: [String] = []
    /// What to say about what is none of the persona's business.
    var outsideLine: String?

    init() {}

    init(instructions: String) {
        var section = Section.other
        for line in instructions.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("## ") {
                section = Section(title: line.dropFirst(3))
                self.begin(section)
            } else {
                self.read(line, in: section)
            }
        }
    }

    private enum Section {
        case identity, expertise, questions, outside, other

        init(title: Substring) {
            switch title.lowercased().filter({ !$0.isWhitespace }) {
            case "identity": self = .identity
            case "expertise": self = .expertise
            case "questionsthatmovetheconversationforward": self = .questions
            case "whensomethingisoutsidethefield": self = .outside
            default: self = .other
            }
        }
    }

    private mutating func begin(_ section: Section) {
        switch section {
        case .identity: (self.name, self.field, self.language) = (nil, nil, nil)
        case .expertise: self.keywords = []
        case .questions: self.questions = []
        case .outside: self.outsideLine = nil
        case .other: break
        }
    }

    private mutating func read(_ line: Substring, in section: Section) {
        switch section {
        case .identity:
            if let name = Self.value("Name:", line) { self.name = name }
            if let field = Self.value("Field:", line) { self.field = field }
            if let language = Self.value("Language:", line) { self.language = language }
        case .questions:
            guard let question = Self.value("- ", line), self.questions.count < Self.maxQuestions else { return }
            self.questions.append(question)
        case .expertise:
            // The first line lists them; a rule for the model follows.
            guard self.keywords.isEmpty else { return }
            self.keywords = line.lowercased().split(separator: ",").prefix(Self.maxKeywords).compactMap {
                Self.value("", $0)
            }
        case .outside:
            if self.outsideLine == nil { self.outsideLine = Self.value("- ", line) ?? Self.value("", line) }
        case .other: break
        }
    }

    /// What follows the label, without blanks; nil where the line begins otherwise or ends there.
    private static func value(_ label: String, _ line: Substring) -> String? {
        let line = line.drop { $0.isWhitespace }
        guard line.hasPrefix(label) else { return nil }
        let value = line.dropFirst(label.count).prefix(self.maxLineLength).drop { $0.isWhitespace }
        let trimmed = value.reversed().drop { $0.isWhitespace }.reversed()
        return trimmed.isEmpty ? nil : String(trimmed)
    }
}
