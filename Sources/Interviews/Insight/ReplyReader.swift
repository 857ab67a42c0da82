import JSON

/// Reads the JSON that a model was asked for: bare, in a fenced block, or with words around it.
enum ReplyReader {
    /// nil where there is no whole object in it.
    static func object(in text: String) -> [String: JSONValue]? {
        if let object = self.parse(text[...]) { return object }
        if let fence = text.firstRange(of: "```") {
            let rest = text[fence.upperBound...].drop { $0 != "\n" && $0 != "{" }
            let block = rest.firstRange(of: "```").map { rest[..<$0.lowerBound] } ?? rest
            if let object = self.parse(block) { return object }
        }
        guard let open = text.firstIndex(of: "{"), let close = text.lastIndex(of: "}"), open < close else { return nil }
        return self.parse(text[open...close])
    }

    private static func parse(_ text: Substring) -> [String: JSONValue]? {
        (try? JSONValue(parsing: Array(text.utf8)))?.object
    }

    /// Strings of an array, or one string; what is empty or too long is left out.
    static func texts(_ value: JSONValue?, limit: Int = 300, count: Int = 20) -> [String] {
        let values = value?.array ?? value.map { [$0] } ?? []
        return values.compactMap { $0.string.map(Words.trimmed) }
            .filter { !$0.isEmpty && $0.count <= limit }.prefix(count).map { $0 }
    }
}
