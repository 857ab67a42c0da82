import Transport

/// Takes out of a provider's words what must not be shown: the key, which a server may repeat, and control characters,
/// which a terminal obeys.
struct Redaction: Sendable {
    static let none = Redaction(Secret(""))

    private let key: Secret

    init(_ key: Secret) {
        self.key = key
    }

    /// - Parameter limit: scalars.
    func clean(_ text: String, limit: Int) -> String {
        // First what hides: a character of no width inside the key would keep it from being found.
        var visible = String(String.UnicodeScalarView(text.unicodeScalars.lazy.filter(Self.isKept)))
        let key = self.key.reveal()
        if !key.isEmpty { visible = visible.replacing(key, with: "••••") }
        return String(String.UnicodeScalarView(visible.unicodeScalars.prefix(limit)))
    }

    private static func isKept(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        // The two joiners shape letters of Devanagari.
        case "\n", "\t", "\u{200C}", "\u{200D}": true
        default: ![.control, .format].contains(scalar.properties.generalCategory)
        }
    }

    /// A provider's reason for the log: a line without what it quotes of a request, of which prompts are a part.
    ///
    /// - Parameter sent: texts of the request.
    func reason(_ text: String, without sent: [String]) -> String {
        // Cut first: a huge answer is not searched.
        var line = self.clean(text, limit: 2_000).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for quote in sent {
            let words = quote.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let beginning = words.prefix(16)
            // Shorter texts are names and modes, which tell an operator something.
            guard beginning.count == 16, let range = line.firstRange(of: beginning) else { continue }
            line = String(line[..<range.lowerBound]) + "…"
        }
        return String(line.prefix(300))
    }
}
