import JSON

/// Reads the members of an object and gathers everything that is wrong with them, so that an author is told all at once.
///
/// A `null` is as good as a member that is not there. Lengths count Unicode scalars, as JSON Schema does: a thousand
/// letters of Devanagari are a thousand.
struct FieldReader {
    private let members: [String: JSONValue]
    private(set) var violations: [Violation] = []

    init(_ members: [String: JSONValue]) {
        self.members = members
    }

    mutating func complain(_ field: String, _ message: String) {
        self.violations.append(Violation(field, message))
    }

    mutating func complain(_ violations: [Violation]) {
        self.violations += violations
    }

    /// The member under the first of its names that is there.
    func value(_ names: [String]) -> JSONValue? {
        names.lazy.compactMap { members[$0] }.first { !$0.isNull }
    }

    /// A text of 1 to `limit` scalars that is not blank, or nil. What is wrong is told under the first name.
    mutating func text(_ names: String..., limit: Int, isRequired: Bool = false, mayBeBlank: Bool = false) -> String? {
        let field = names[0]
        guard let value = self.value(names) else {
            if isRequired { self.complain(field, "is required") }
            return nil
        }
        guard let text = value.string else {
            self.complain(field, "must be a text")
            return nil
        }
        let count = text.unicodeScalars.count
        if count > limit { self.complain(field, "has \(count) characters, and \(limit) is the most") }
        if !mayBeBlank, text.isBlank { self.complain(field, "must not be blank") }
        return text
    }

    /// A whole number in a range, or nil.
    mutating func integer(_ field: String, _ range: ClosedRange<Int>, isRequired: Bool = false) -> Int? {
        guard let value = self.value([field]) else {
            if isRequired { self.complain(field, "is required") }
            return nil
        }
        guard let number = value.integer, range.contains(number) else {
            self.complain(field, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// One of a few words, or nil.
    mutating func word<Word: RawRepresentable<String> & CaseIterable>(
        _ names: String..., as type: Word.Type, isRequired: Bool = false
    ) -> Word? {
        guard let value = self.value(names) else {
            if isRequired { self.complain(names[0], "is required") }
            return nil
        }
        guard let word = value.string.flatMap({ Word(rawValue: $0) }) else {
            self.complain(names[0], "must be one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return word
    }

    /// At most `maxCount` texts of 1 to `limit` scalars each; empty where there are none.
    mutating func texts(_ value: JSONValue?, _ field: String, maxCount: Int, limit: Int) -> [String] {
        guard let value, !value.isNull else { return [] }
        guard let items = value.array else {
            self.complain(field, "must be an array of texts")
            return []
        }
        if items.count > maxCount { self.complain(field, "has \(items.count) members, and \(maxCount) is the most") }
        let texts = items.compactMap(\.string)
        if texts.count < items.count { self.complain(field, "must hold texts alone") }
        if texts.contains(where: { $0.isBlank || $0.unicodeScalars.count > limit }) {
            self.complain(field, "must hold texts of 1 to \(limit) characters that are not blank")
        }
        return texts
    }

    /// An object, or nil.
    mutating func object(_ field: String) -> [String: JSONValue]? {
        guard let value = self.value([field]) else { return nil }
        guard let members = value.object else {
            self.complain(field, "must be an object")
            return nil
        }
        return members
    }
}

extension String {
    /// Whether there is nothing to read in it.
    public var isBlank: Bool {
        // The four separators of ASCII are blanks to most other programs, though not to Unicode.
        self.unicodeScalars.allSatisfy { $0.properties.isWhitespace || (0x1C...0x1F).contains($0.value) }
    }
}
