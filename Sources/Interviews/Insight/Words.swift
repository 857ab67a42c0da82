import Foundation

/// A text as words.
enum Words {
    static func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespacesAndNewlines) }

    /// In small letters, without punctuation. Vowel signs belong to their words.
    static func of(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "'" && $0 != "’" }.map { String($0) }
    }

    static func sentences(_ text: String) -> [String] {
        text.split { ".!?।\n;".contains($0) }.map { self.trimmed(String($0)) }.filter { !$0.isEmpty }
    }

    /// Whether one of the phrases stands in the words, each beginning where a word begins.
    static func contain(_ words: [String], _ phrases: [String]) -> Bool {
        let text = " " + words.joined(separator: " ")
        return phrases.contains { text.contains(" " + $0) }
    }

    /// The beginning of a text, cut between words.
    static func excerpt(_ text: String, limit: Int = 160) -> String {
        let text = self.trimmed(text.replacing(/\s+/, with: " "))
        guard text.count > limit else { return text }
        let cut = text.prefix(limit)
        return String(cut[..<(cut.lastIndex(of: " ") ?? cut.endIndex)]) + " …"
    }
}
