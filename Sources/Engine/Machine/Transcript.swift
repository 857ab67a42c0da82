/// The words of a spoken reply, given out a little ahead of their audio.
struct Transcript: Sendable, Equatable {
    /// Letters a second: quicker than anybody speaks, so that the words lead and never lag.
    private static let lettersPerSecond = 25

    /// What was given out so far.
    private(set) var said = ""
    private var rest: Substring
    private var saidLetters = 0

    init(_ text: String) {
        self.rest = text[...]
    }

    /// Adds words behind all others; false where they were cut because all together exceed `limit` letters.
    mutating func append(_ text: String, limit: Int) -> Bool {
        let room = max(0, limit - self.said.count - self.rest.count)
        let added = text.prefix(room)
        self.rest = (String(self.rest) + added)[...]
        return added.endIndex == text.endIndex
    }

    /// The words up to that place of the audio that were not given out yet; nil where there are none.
    mutating func words(untilMs milliseconds: Int) -> String? {
        guard !self.rest.isEmpty else { return nil }
        let due = milliseconds == .max ? Int.max : (milliseconds + 500) * Self.lettersPerSecond / 1_000
        var words = ""
        while !self.rest.isEmpty, self.saidLetters < due {
            let word = self.nextWord()
            self.saidLetters += word.count
            words += word
        }
        self.said += words
        return words.isEmpty ? nil : words
    }

    /// A word and the blanks behind it, so that all words together are the text.
    private mutating func nextWord() -> Substring {
        let blank = self.rest.firstIndex(where: \.isWhitespace) ?? self.rest.endIndex
        let end = self.rest[blank...].firstIndex { !$0.isWhitespace } ?? self.rest.endIndex
        defer { self.rest = self.rest[end...] }
        return self.rest[..<end]
    }
}
