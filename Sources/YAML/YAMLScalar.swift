import JSON

/// What a scalar without quotation marks means: the core schema of YAML 1.2, in which `no` and `off` are words.
enum YAMLScalar {
    static func value(of text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return self.number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> JSONValue? {
        // What begins otherwise is a word that `Double` would take too, such as `nan` or `infinity`.
        guard let first = text.utf8.first(where: { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }),
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) || first == UInt8(ascii: ".")
        else { return nil }
        if let integer = Int(text) { return .integer(integer) }
        guard text.utf8.allSatisfy({ self.isPartOfNumber($0) }), let number = Double(text), number.isFinite else {
            return nil
        }
        return .number(number)
    }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
