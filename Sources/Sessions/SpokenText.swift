import Foundation

/// Compares what was to be said with what was said.
enum SpokenText {
    /// Whether two texts are the same words: case, punctuation, white space and Unicode composition do not count.
    static func agree(_ left: String, _ right: String) -> Bool {
        self.words(left) == self.words(right)
    }

    private static func words(_ text: String) -> [String] {
        let normal = text.precomposedStringWithCanonicalMapping.lowercased()
        // Devanagari vowel signs are marks, not letters: without them "की" and "का" would be one word.
        return normal.unicodeScalars.split {
            !($0.properties.isAlphabetic || $0.properties.numericType != nil
                || $0.properties.generalCategory == .nonspacingMark || $0.properties.generalCategory == .spacingMark)
        }.map { String($0) }
    }
}
