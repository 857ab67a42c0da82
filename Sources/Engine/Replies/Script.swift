/// In which script a text is written, as far as it decides the language of a voice.
enum Script {
    private static let devanagariLanguages: Set<String> = ["hi", "mr", "ne", "sa", "kok", "mai", "bho", "doi"]

    /// The language to speak a text in: the persona's, but Hindi for a Devanagari text that its language cannot read.
    static func language(of text: String, preferred: String) -> String {
        let primary = preferred.lowercased().split { $0 == "-" || $0 == "_" }.first.map { String($0) } ?? ""
        guard !self.devanagariLanguages.contains(primary) else { return preferred }
        let isDevanagari = text.unicodeScalars.contains { (0x0900...0x097F).contains($0.value) && $0.value != 0x0964 }
        return isDevanagari ? "hi" : preferred
    }
}
