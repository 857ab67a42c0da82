/// Cuts a text that is still being written into sentences, so that the first can be spoken while the last is not there yet.
///
/// All pieces together are the text. A sentence ends at `.`, `!`, `?`, `…`, a danda or a line's end, with a blank behind it:
/// "3.5" and "Dr. Rao" stay whole as far as that tells.
struct SentenceSplitter: Sendable, Equatable {
    /// Letters before which a full stop ends nothing: titles and numbers of a list are shorter.
    private static let minLength = 12
    /// Nobody waits longer for a sentence to end: it is cut between words.
    private static let maxLength = 240
    private static let ends: Set<Character> = [".", "!", "?", "…", "।", "॥"]
    /// Words that a full stop shortens.
    private static let titles: Set<String> = ["Dr", "Mr", "Mrs", "Ms", "St", "Prof", "Sri", "Smt", "No", "डॉ", "श्री"]
    private static let closers: Set<Character> = ["\"", "”", "'", "’", ")", "]", "»"]

    private var text = ""

    /// The sentences that are whole now.
    mutating func push(_ piece: String) -> [String] {
        self.text += piece
        var sentences: [String] = []
        while let end = self.endOfSentence ?? self.endOfPatience {
            sentences.append(String(self.text[..<end]))
            self.text = String(self.text[end...])
        }
        return sentences
    }

    /// What is left when nothing more comes; nil for nothing to say.
    mutating func finish() -> String? {
        defer { self.text = "" }
        return self.text.allSatisfy(\.isWhitespace) ? nil : self.text
    }

    /// Behind the blanks that follow a sentence; nil while it may go on.
    private var endOfSentence: String.Index? {
        var length = 0
        var hasWords = false
        var index = self.text.startIndex
        while index < self.text.endIndex {
            let character = self.text[index]
            index = self.text.index(after: index)
            length += 1
            hasWords = hasWords || !character.isWhitespace
            let isLineEnd = character.isNewline && hasWords
            guard isLineEnd || (Self.ends.contains(character) && length >= Self.minLength) else { continue }
            if character == ".", self.isTitle(before: index) { continue }
            var end = index
            while end < self.text.endIndex, Self.closers.contains(self.text[end]) { end = self.text.index(after: end) }
            guard isLineEnd || (end < self.text.endIndex && self.text[end].isWhitespace) else { continue }
            return self.skippingBlanks(from: end)
        }
        return nil
    }

    private func isTitle(before end: String.Index) -> Bool {
        Self.titles.contains(String(self.text[..<end].dropLast().reversed().prefix { $0.isLetter }.reversed()))
    }

    private var endOfPatience: String.Index? {
        guard
            let limit = self.text.index(self.text.startIndex, offsetBy: Self.maxLength, limitedBy: self.text.endIndex),
            limit < self.text.endIndex
        else { return nil }
        let blank = self.text[..<limit].lastIndex { $0.isWhitespace } ?? self.text.index(before: limit)
        return self.text.index(after: blank)
    }

    private func skippingBlanks(from start: String.Index) -> String.Index {
        self.text[start...].firstIndex { !$0.isWhitespace } ?? self.text.endIndex
    }
}

extension String {
    /// Without the marks of Markdown, which a voice would read out.
    var withoutMarkup: String { self.filter { !"*#`_~".contains($0) } }
}
