/// Says whether a text plainly lies outside a persona's field.
///
/// The engine understands nothing, so it is timid: a text is strange only if it has a word that hardly any persona deals
/// with, and no word of the field's own.
enum FieldJudgement {
    private static let strangeWords: Set<String> = [
        "weather", "cricket", "football", "score", "movie", "film", "recipe", "bitcoin", "stocks", "election",
        "politics",
        "programming", "python", "javascript", "computer", "homework", "capital",
        "मौसम", "क्रिकेट", "फुटबॉल", "स्कोर", "फिल्म", "चुनाव", "राजनीति", "कंप्यूटर", "राजधानी",
    ]
    /// Letters that two words of one family share: marriage and marry.
    private static let stemLength = 4

    static func isOutside(_ text: String, keywords: [String]) -> Bool {
        guard !keywords.isEmpty else { return false }
        let words = self.words(text.prefix(1_000))
        guard words.contains(where: { self.strangeWords.contains($0) }) else { return false }
        let stems = Set(keywords.flatMap { self.words($0[...]) }.map { $0.prefix(self.stemLength) })
        return !words.contains { stems.contains($0.prefix(self.stemLength)) }
    }

    /// Words in small letters; vowel signs belong to them.
    private static func words(_ text: Substring) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map { String($0) }
    }
}
