/// Which script a text is written in: what a transcript's language is heard by.
///
/// Recognizers write spoken Hindi in Urdu's script now and then, which a Hindi reader cannot read.
enum Script: Sendable, Equatable {
    case devanagari, arabic, latin, other

    /// The script of most letters; nil where there are none.
    init?(of text: String) {
        var counts: [Script: Int] = [:]
        for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
            counts[Self.script(of: scalar), default: 0] += 1
        }
        guard let most = counts.max(by: { $0.value < $1.value }) else { return nil }
        self = most.key
    }

    private static func script(of scalar: Unicode.Scalar) -> Script {
        switch scalar.value {
        case 0x0900...0x097F, 0xA8E0...0xA8FF: .devanagari
        case 0x0600...0x06FF, 0x0750...0x077F, 0x08A0...0x08FF, 0xFB50...0xFDFF, 0xFE70...0xFEFF: .arabic
        case 0x0041...0x024F, 0x1E00...0x1EFF: .latin
        default: .other
        }
    }

    /// What a text in this script says about its language, in a conversation in `language` (BCP 47); nil for nothing.
    func language(in language: String) -> String? {
        let primary = language.prefix { $0 != "-" }
        switch self {
        case .devanagari: return ["mr", "ne", "kok", "sa"].contains(String(primary)) ? String(primary) : "hi"
        case .arabic: return "ur"
        // Hindi in Latin letters is common, so Latin says nothing about it.
        case .latin: return primary == "hi" ? nil : "en"
        case .other: return nil
        }
    }

    /// A language of Devanagari that was heard as Urdu.
    func isMismatch(in language: String) -> Bool {
        self == .arabic && ["hi", "mr", "ne"].contains(String(language.prefix { $0 != "-" }))
    }
}
