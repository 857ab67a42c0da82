import Testing

@testable import Engine

@Suite struct SentenceSplitterTests {
    private func split(_ text: String, by size: Int = 1_000) -> [String] {
        var splitter = SentenceSplitter()
        var sentences: [String] = []
        let letters = Array(text)
        for start in stride(from: 0, to: letters.count, by: size) {
            sentences += splitter.push(String(letters[start..<min(letters.count, start + size)]))
        }
        return sentences + [splitter.finish()].compactMap { $0 }
    }

    @Test(arguments: [
        ("Good morning to you. How are you? Fine!", ["Good morning to you. ", "How are you? ", "Fine!"]),
        ("नमस्ते, आप कैसे हैं। आपका जन्म कहाँ हुआ?", ["नमस्ते, आप कैसे हैं। ", "आपका जन्म कहाँ हुआ?"]),
        ("It is 3.5 metres high, says Dr. Rao.", ["It is 3.5 metres high, says Dr. Rao."]),
        ("\"I will come tomorrow.\" She left then.", ["\"I will come tomorrow.\" ", "She left then."]),
        ("One\nTwo\n\nThree", ["One\n", "Two\n\n", "Three"]), ("Wait for it… and now", ["Wait for it… ", "and now"]),
        ("", []), ("  \n ", []), ("no end", ["no end"]),
    ])
    func `a text is cut where a speaker breathes`(text: String, sentences: [String]) {
        #expect(self.split(text) == sentences)
        for size in [1, 2, 3, 7] {
            // A blank that comes late stands in front of the next sentence; nothing is lost.
            let pieces = self.split(text, by: size)
            #expect(pieces.joined() == sentences.joined())
            #expect(pieces.map(\.trimmed) == sentences.map(\.trimmed))
        }
    }

    @Test func `the first sentence is there before the second has begun`() {
        var splitter = SentenceSplitter()
        let pieces = ["Good morn", "ing to you.", " H"].map { splitter.push($0) }
        #expect(pieces == [[], [], ["Good morning to you. "]])
    }

    @Test func `who never ends a sentence is cut between words`() {
        let text = Array(repeating: "word", count: 300).joined(separator: " ")
        let pieces = self.split(text, by: 5)
        #expect(pieces.joined() == text && pieces.count > 5)
        #expect(pieces.allSatisfy { $0.count <= 241 && !$0.hasPrefix(" ") })
        let endless = String(repeating: "x", count: 1_000)
        #expect(self.split(endless).joined() == endless)
    }

    @Test func `marks of Markdown are not read out`() {
        #expect("**Yes**, `x` _and_ # 3".withoutMarkup == "Yes, x and  3")
    }
}

extension String {
    fileprivate var trimmed: String { self.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
