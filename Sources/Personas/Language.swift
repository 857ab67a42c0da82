/// A language as authors name it and as programs do.
public struct Language: Hashable, Sendable {
    /// `Hindi`; a bare tag where the author wrote one that has no name here.
    public let name: String
    /// BCP 47: `hi`.
    public let tag: String

    private static let tags: [String: String] = [
        "Assamese": "as", "Bengali": "bn", "English": "en", "French": "fr", "German": "de", "Gujarati": "gu",
        "Hindi": "hi",
        "Italian": "it", "Japanese": "ja", "Kannada": "kn", "Malayalam": "ml", "Marathi": "mr", "Nepali": "ne",
        "Odia": "or",
        "Portuguese": "pt", "Punjabi": "pa", "Spanish": "es", "Tamil": "ta", "Telugu": "te", "Urdu": "ur",
    ]

    /// The names that are known, in the order of the alphabet.
    public static var names: [String] { Self.tags.keys.sorted() }

    /// Takes a name in any case, or a tag such as `hi` or `en-IN`; nil for anything else.
    public init?(authored word: String) {
        if let (name, tag) = Self.tags.first(where: { $0.key.lowercased() == word.lowercased() }) {
            self.name = name
            self.tag = tag
        } else if let primary = Self.primarySubtag(of: word) {
            self.name = Self.tags.first { $0.value == primary }?.key ?? word
            self.tag = word
        } else {
            return nil
        }
    }

    /// Without region or script: `en` of `en-IN`.
    public var primary: String { Self.primarySubtag(of: self.tag) ?? self.tag }

    private static func primarySubtag(of tag: String) -> String? {
        let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = parts.first, (2...3).contains(first.utf8.count), first.utf8.allSatisfy(self.isLetter),
            parts.dropFirst().allSatisfy({ (2...8).contains($0.utf8.count) && $0.utf8.allSatisfy(self.isLetterOrDigit) }
            )
        else { return nil }
        return first.lowercased()
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool { self.isLetter(byte) || (0x30...0x39).contains(byte) }
}
