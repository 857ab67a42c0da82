import Foundation

/// Finds keywords in what a user typed or said.
struct KeywordMatcher {
    private let text: String

    init(_ query: String) {
        self.text = Self.folded(query)
    }

    /// A keyword counts where a word begins with it: "marriage" is in "marriages", "love" is not in "glove".
    func contains(_ keyword: String) -> Bool {
        let keyword = Self.folded(keyword)
        guard !keyword.isEmpty else { return false }
        return self.text.ranges(of: keyword).contains { range in
            guard range.lowerBound > self.text.startIndex else { return true }
            let before = self.text[self.text.index(before: range.lowerBound)]
            return !(before.isLetter || before.isNumber)
        }
    }

    /// Without case, and with one way of writing each character.
    static func folded(_ text: String) -> String {
        text.precomposedStringWithCanonicalMapping.lowercased()
    }
}
