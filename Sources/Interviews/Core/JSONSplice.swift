import JSON

/// Puts values into a JSON text and leaves every other byte as it is: order, blanks, numbers as they were written.
struct JSONSplice {
    private(set) var text: [UInt8]

    /// - Throws: `unusable` unless the text is one JSON object.
    init(_ text: [UInt8]) throws(InterviewError) {
        guard (try? JSONValue(parsing: text))?.object != nil else {
            throw InterviewError(.unusable, "the persona's core is no JSON object")
        }
        self.text = text
    }

    /// Sets the member at a path; objects on the way that are missing are made.
    ///
    /// - Throws: `unusable` where something on the way is no object.
    mutating func set(_ path: [String], to value: JSONValue) throws(InterviewError) {
        precondition(!path.isEmpty, "a path has a key")
        var position = self.skipBlanks(0)
        for (depth, key) in path.enumerated() {
            guard self.text[position] == UInt8(ascii: "{") else {
                throw InterviewError(.unusable, "\(path[..<depth].joined(separator: ".")) of the core is no object")
            }
            guard let member = self.member(key, ofObjectAt: position) else {
                let inner = path[(depth + 1)...].reversed().reduce(value) { [$1: $0] }
                return self.insert(key, inner, intoObjectAt: position, depth: depth + 1)
            }
            if depth == path.count - 1 {
                let new = Array(PrettyJSON.text(value, depth: self.isPretty ? depth + 1 : nil).utf8)
                self.text.replaceSubrange(member, with: new)
                return
            }
            position = member.lowerBound
        }
    }

    // What is written over lines is written so.
    private var isPretty: Bool { self.text.contains(UInt8(ascii: "\n")) }

    private mutating func insert(_ key: String, _ value: JSONValue, intoObjectAt open: Int, depth: Int) {
        let isEmpty = self.text[self.skipBlanks(open + 1)] == UInt8(ascii: "}")
        var last = self.skipValue(open) - 2
        while self.isBlank(self.text[last]) { last -= 1 }
        let pad = self.isPretty ? "\n" + String(repeating: "  ", count: depth) : ""
        let end = isEmpty && self.isPretty ? "\n" + String(repeating: "  ", count: depth - 1) : ""
        let colon = self.isPretty ? ": " : ":"
        let member =
            (isEmpty ? "" : ",") + pad + JSONValue.string(key).text + colon
            + PrettyJSON.text(value, depth: self.isPretty ? depth : nil) + end
        let place = isEmpty ? open + 1 : last + 1
        if isEmpty { self.text.removeSubrange((open + 1)..<self.skipBlanks(open + 1)) }
        self.text.insert(contentsOf: Array(member.utf8), at: place)
    }

    // MARK: Finding. The text was parsed before, so that every value ends.

    /// The bytes of a member's value; of the last one where the key stands twice, as parsers have it.
    private func member(_ key: String, ofObjectAt open: Int) -> Range<Int>? {
        var found: Range<Int>?
        var position = self.skipBlanks(open + 1)
        while self.text[position] != UInt8(ascii: "}") {
            let name = position
            position = self.skipValue(position)
            let isIt = (try? JSONValue(parsing: [UInt8](self.text[name..<position])))?.string == key
            position = self.skipBlanks(self.skipBlanks(position) + 1)
            let end = self.skipValue(position)
            if isIt { found = position..<end }
            position = self.skipBlanks(end)
            if self.text[position] == UInt8(ascii: ",") { position = self.skipBlanks(position + 1) }
        }
        return found
    }

    private func skipBlanks(_ start: Int) -> Int {
        var position = start
        while position < self.text.count, self.isBlank(self.text[position]) { position += 1 }
        return position
    }

    private func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    /// Behind the value that begins here.
    private func skipValue(_ start: Int) -> Int {
        switch self.text[start] {
        case UInt8(ascii: "\""): return self.skipString(start)
        case UInt8(ascii: "{"), UInt8(ascii: "["): return self.skipNested(start)
        default:
            var position = start
            while position < self.text.count, !",]} \n\r\t".utf8.contains(self.text[position]) { position += 1 }
            return position
        }
    }

    private func skipString(_ start: Int) -> Int {
        var position = start + 1
        while self.text[position] != UInt8(ascii: "\"") {
            position += self.text[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return position + 1
    }

    private func skipNested(_ start: Int) -> Int {
        var depth = 0
        var position = start
        repeat {
            switch self.text[position] {
            case UInt8(ascii: "\""):
                position = self.skipString(position)
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            position += 1
        } while depth > 0
        return position
    }
}

/// JSON over lines, for files that people read: two blanks a level, keys sorted.
enum PrettyJSON {
    static func bytes(_ value: JSONValue) -> [UInt8] { Array((self.text(value, depth: 0) + "\n").utf8) }

    /// - Parameter depth: of the line that the value begins on; nil for one line.
    static func text(_ value: JSONValue, depth: Int?) -> String {
        guard let depth else { return value.text }
        let pad = "\n" + String(repeating: "  ", count: depth + 1)
        let end = "\n" + String(repeating: "  ", count: depth)
        switch value {
        case .object(let members) where !members.isEmpty:
            let lines = members.keys.sorted().map { key in
                "\(pad)\(JSONValue.string(key).text): \(self.text(members[key] ?? .null, depth: depth + 1))"
            }
            return "{" + lines.joined(separator: ",") + end + "}"
        case .array(let values) where !values.isEmpty:
            return "[" + values.map { pad + self.text($0, depth: depth + 1) }.joined(separator: ",") + end + "]"
        default: return value.text
        }
    }
}
