/// The text of a word-processing part: paragraphs as lines, the cells of a table's row beside each other.
///
/// - Source: ECMA-376 part 1, chapter 17; what was deleted, moved away or repeated for older readers is left out.
struct WordText: XMLVisitor {
    // The transitional and the strict dialect.
    private static let word = [
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main\n",
        "http://purl.oclc.org/ooxml/wordprocessingml/main\n",
    ]
    private static let fallback = "http://schemas.openxmlformats.org/markup-compatibility/2006\nFallback"

    private(set) var output: TextOutput
    /// Whether the part has begun as one of word processing does.
    private var isWord = false
    private var isRun = false
    /// How many elements are open around here whose text does not count.
    private var hidden = 0
    /// Nested cells: the paragraphs in them end with a space, not with a line.
    private var cells = 0

    init(into output: TextOutput) { self.output = output }

    mutating func opened(_ name: String, _ attributes: [String]) throws(ReadFailure) {
        let element = Self.element(name)
        self.isWord = self.isWord || element == "document"
        guard self.isWord else { throw .noWord }
        if Self.hides(element, name) { self.hidden += 1 }
        guard self.hidden == 0, let element else { return }
        switch element {
        case "t": self.isRun = true
        case "tab": try self.output.append("\t".utf8)
        case "br", "cr": try self.output.append("\n".utf8)
        case "noBreakHyphen": try self.output.append("-".utf8)
        case "tc": self.cells += 1
        case "pStyle": if Self.isHeading(attributes) { try self.output.append("# ".utf8) }
        default: break
        }
    }

    mutating func closed(_ name: String) throws(ReadFailure) {
        let element = Self.element(name)
        if Self.hides(element, name) {
            self.hidden -= 1
            return
        }
        guard self.hidden == 0, let element else { return }
        switch element {
        case "t": self.isRun = false
        case "p": try self.output.append((self.cells > 0 ? " " : "\n").utf8)
        case "tc":
            self.cells -= 1
            try self.output.append("\t".utf8)
        case "tr": try self.output.append("\n".utf8)
        default: break
        }
    }

    mutating func found(_ characters: UnsafeRawBufferPointer) throws(ReadFailure) {
        if self.isRun, self.hidden == 0 { try self.output.append(characters) }
    }

    private static func hides(_ element: Substring?, _ name: String) -> Bool {
        if let element { element == "moveFrom" || element == "del" } else { name == self.fallback }
    }

    /// A heading is written as Markdown has it, which tells a title from a sentence.
    private static func isHeading(_ attributes: [String]) -> Bool {
        stride(from: 0, to: attributes.count - 1, by: 2).contains { index in
            self.element(attributes[index]) == "val"
                && ["heading", "title"].contains { attributes[index + 1].lowercased().hasPrefix($0) }
        }
    }

    /// The name of an element of word processing; nil for any other.
    private static func element(_ name: String) -> Substring? {
        guard let dialect = self.word.first(where: { name.hasPrefix($0) }) else { return nil }
        return name[name.utf8.index(name.startIndex, offsetBy: dialect.utf8.count)...]
    }
}

extension ReadFailure {
    static let noWord = ReadFailure(.unsupported, "the archive holds no document of Word")
}
