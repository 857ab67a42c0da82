import Foundation

/// Finds the line that a response's instructions ask to be said word for word.
///
/// The usual request is "Say exactly the line below …" and the line in quotation marks. A realtime model follows it most
/// of the time; this engine does always. Only a response's own instructions count: a persona may speak of exactness.
enum VerbatimRequest {
    private static let phrases = ["say exactly", "exactly the line", "word for word", "verbatim", "exactly this"]
    private static let quotes: [(open: Character, close: Character)] = [
        ("\"", "\""), ("“", "”"), ("«", "»"), ("„", "“"), ("‘", "’"),
    ]

    /// The text between the first opening quotation mark behind the phrase and the last closing one of its kind; nil where
    /// nothing exact is asked for.
    static func line(in instructions: String) -> String? {
        guard let phrase = self.phrases.lazy.compactMap({ self.end(of: $0, in: instructions) }).first else {
            return nil
        }
        let rest = instructions[phrase...]
        guard let open = rest.firstIndex(where: { character in self.quotes.contains { $0.open == character } }),
            let close = self.quotes.first(where: { $0.open == rest[open] })?.close,
            let end = rest.lastIndex(of: close), end > open
        else { return nil }
        let line = rest[rest.index(after: open)..<end]
        return line.allSatisfy(\.isWhitespace) ? nil : String(line)
    }

    private static func end(of phrase: String, in text: String) -> String.Index? {
        text.range(of: phrase, options: .caseInsensitive)?.upperBound
    }
}
