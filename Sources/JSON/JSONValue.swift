import Foundation

/// Any JSON value, for documents whose keys we do not all know and for fields with three states
/// (absent, `null`, a value).
public enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

/// Why a text is no JSON that we take.
public struct JSONError: Error, Equatable, CustomStringConvertible {
    /// One sentence with the line and the column, free of the document's own text.
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

extension JSONValue {
    /// Parses one whole document.
    ///
    /// - Throws: `JSONError` for malformed text, text that is no UTF-8, and nesting beyond 512 levels (Foundation's own limit).
    public init(parsing text: UnsafeRawBufferPointer) throws(JSONError) {
        self = try Self.decode(JSONValue.self, from: Data(text))
    }

    public init(parsing text: [UInt8]) throws(JSONError) {
        self = try Self.decode(JSONValue.self, from: Data(text))
    }

    public init(parsing text: String) throws(JSONError) {
        self = try Self.decode(JSONValue.self, from: Data(text.utf8))
    }

    /// Parses one whole document, as RFC 8259 has it to the letter: Foundation takes a comma too many here and there.
    public init(strictly text: [UInt8]) throws(JSONError) {
        if let fault = text.withUnsafeBytes({ JSONSyntax.fault(in: $0) }) { throw JSONError(fault) }
        self = try JSONValue(parsing: text)
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws(JSONError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            guard let fault = data.withUnsafeBytes({ JSONSyntax.fault(in: $0) }) else {
                throw JSONError("not a JSON document that is taken: a number in it is out of range")
            }
            throw JSONError(fault)
        }
    }

    /// Compact JSON; keys sorted, so that equal values give equal bytes.
    public var encoded: [UInt8] {
        var text: [UInt8] = []
        self.append(to: &text)
        return text
    }

    /// Compact JSON as text.
    public var text: String {
        String(decoding: self.encoded, as: UTF8.self)
    }
}

extension JSONValue {
    public var isNull: Bool { self == .null }

    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// A whole number, also when it was written as `3.0`.
    public var integer: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    public var array: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    public var object: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// A member of an object; nil where this is no object or has no such key. A `null` member is `.null`.
    public subscript(key: String) -> JSONValue? {
        self.object?[key]
    }
}

// No nil literal: a closure that returns `nil` for "no value" would quietly return `.null`.
extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}

extension JSONValue: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }
}
