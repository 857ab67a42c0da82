/// Header fields in the order they came, looked up without regard to case.
public struct HTTPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    public struct Field: Sendable, Equatable {
        public let name: String
        public let value: String
    }

    public private(set) var fields: [Field]

    public init(_ fields: [(String, String)] = []) {
        self.fields = fields.map { Field(name: $0.0, value: $0.1) }
    }

    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements)
    }

    public mutating func append(_ name: String, _ value: String) {
        self.fields.append(Field(name: name, value: value))
    }

    /// The value of the first field of that name.
    public subscript(name: String) -> String? {
        self.fields.first { Self.matches($0.name, name) }?.value
    }

    /// The values of all fields of that name.
    public func all(_ name: String) -> [String] {
        self.fields.filter { Self.matches($0.name, name) }.map(\.value)
    }

    /// The members of a comma-separated list that may be spread over several fields.
    public func list(_ name: String) -> [String] {
        self.all(name).flatMap { $0.split(separator: ",") }.map { String($0).trimmingBlanks }.filter { !$0.isEmpty }
    }

    private static func matches(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count
            && zip(left.utf8, right.utf8).allSatisfy { $0.lowercasedASCII == $1.lowercasedASCII }
    }
}

extension UInt8 {
    var lowercasedASCII: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}

extension String {
    /// Without the blanks and tabs at either end.
    var trimmingBlanks: String {
        var rest = self.utf8[...]
        while let first = rest.first, first == 0x20 || first == 0x09 { rest = rest.dropFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 { rest = rest.dropLast() }
        return String(Substring(rest))
    }
}
