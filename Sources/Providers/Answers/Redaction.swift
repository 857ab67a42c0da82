import Transport

/// Takes out of a provider's words what must not be shown: the key, which a server may repeat, and control characters,
/// which a terminal obeys.
struct Redaction: Sendable {
    static let none = Redaction(Secret(""))

    private let key: Secret

    init(_ key: Secret) {
        self.key = key
    }

    func clean(_ text: String, limit: Int) -> String {
        var text = text
        let key = self.key.reveal()
        if !key.isEmpty { text = text.replacing(key, with: "••••") }
        let isPrintable: (Unicode.Scalar) -> Bool = {
            $0 == "\n" || $0 == "\t"
                || ($0.properties.generalCategory != .control && $0.properties.generalCategory != .format)
        }
        var view = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.lazy.filter(isPrintable).prefix(limit) { view.append(scalar) }
        return String(view)
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
