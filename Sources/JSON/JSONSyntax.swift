/// Finds the place where a text stops being JSON (RFC 8259). Run only on texts that a parser has refused.
struct JSONSyntax {
    /// Where and why, both for people.
    struct Fault: Error, Equatable {
        /// From 1.
        var line: Int
        /// From 1, in characters.
        var column: Int
        var reason: String
    }

    private static let maxDepth = 512

    private let text: UnsafeRawBufferPointer
    private var index = 0

    private init(_ text: UnsafeRawBufferPointer) {
        self.text = text
    }

    /// The first fault of a text, or nil where there is none.
    static func fault(in text: UnsafeRawBufferPointer) -> Fault? {
        var syntax = JSONSyntax(text)
        do throws(Fault) {
            try syntax.document()
            return nil
        } catch {
            return error
        }
    }

    private mutating func document() throws(Fault) {
        if let bad = self.text.firstInvalidUTF8 {
            self.index = bad
            throw self.fault("a byte that is no UTF-8")
        }
        try self.value(depth: 1)
        self.skipBlanks()
        if self.index < self.text.count { throw self.fault("something after the end of the document") }
    }

    private func fault(_ reason: String) -> Fault {
        let before = self.text[..<min(self.index, self.text.count)]
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        // Bytes that go on with a character are none of their own.
        let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
        return Fault(line: line, column: column, reason: reason)
    }

    private var byte: UInt8? { self.index < self.text.count ? self.text[self.index] : nil }

    private mutating func skipBlanks() {
        while let byte = self.byte, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { self.index += 1 }
    }

    private mutating func value(depth: Int) throws(Fault) {
        self.skipBlanks()
        guard depth <= Self.maxDepth else { throw self.fault("more than \(Self.maxDepth) levels") }
        switch self.byte {
        case UInt8(ascii: "{"): try self.object(depth: depth)
        case UInt8(ascii: "["): try self.array(depth: depth)
        case UInt8(ascii: "\""): try self.string()
        case UInt8(ascii: "t"): try self.word("true")
        case UInt8(ascii: "f"): try self.word("false")
        case UInt8(ascii: "n"): try self.word("null")
        case .some(let byte) where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte): try self.number()
        case nil: throw self.fault("the end where a value is expected")
        default: throw self.fault("no value where one is expected")
        }
    }

    private mutating func word(_ word: StaticString) throws(Fault) {
        for expected in UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount) {
            guard self.byte == expected else { throw self.fault("no value where one is expected") }
            self.index += 1
        }
    }

    private mutating func object(depth: Int) throws(Fault) {
        self.index += 1
        self.skipBlanks()
        if self.take(UInt8(ascii: "}")) { return }
        while true {
            self.skipBlanks()
            guard self.byte == UInt8(ascii: "\"") else { throw self.fault("no key in quotes where one is expected") }
            try self.string()
            self.skipBlanks()
            guard self.take(UInt8(ascii: ":")) else { throw self.fault("no colon after a key") }
            try self.value(depth: depth + 1)
            self.skipBlanks()
            if self.take(UInt8(ascii: "}")) { return }
            guard self.take(UInt8(ascii: ",")) else { throw self.fault("neither a comma nor the end of the object") }
        }
    }

    private mutating func array(depth: Int) throws(Fault) {
        self.index += 1
        self.skipBlanks()
        if self.take(UInt8(ascii: "]")) { return }
        while true {
            try self.value(depth: depth + 1)
            self.skipBlanks()
            if self.take(UInt8(ascii: "]")) { return }
            guard self.take(UInt8(ascii: ",")) else { throw self.fault("neither a comma nor the end of the array") }
        }
    }

    private mutating func take(_ expected: UInt8) -> Bool {
        guard self.byte == expected else { return false }
        self.index += 1
        return true
    }

    private mutating func string() throws(Fault) {
        self.index += 1
        while let byte = self.byte {
            switch byte {
            case UInt8(ascii: "\""):
                self.index += 1
                return
            case UInt8(ascii: "\\"): try self.escape()
            case 0..<0x20: throw self.fault("a control character inside a text")
            default: self.index += 1
            }
        }
        throw self.fault("the end inside a text")
    }

    private mutating func escape() throws(Fault) {
        self.index += 1
        guard let byte = self.byte else { throw self.fault("the end inside a text") }
        guard byte == UInt8(ascii: "u") else {
            guard #""\/bfnrt"#.utf8.contains(byte) else { throw self.fault("an escape that there is not") }
            self.index += 1
            return
        }
        self.index += 1
        for _ in 0..<4 {
            guard let digit = self.byte, Self.isHexadecimal(digit) else {
                throw self.fault("an escape that there is not")
            }
            self.index += 1
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }

    private mutating func number() throws(Fault) {
        _ = self.take(UInt8(ascii: "-"))
        if !self.take(UInt8(ascii: "0")) { try self.digits() }
        if self.take(UInt8(ascii: ".")) { try self.digits() }
        if self.take(UInt8(ascii: "e")) || self.take(UInt8(ascii: "E")) {
            if !self.take(UInt8(ascii: "+")) { _ = self.take(UInt8(ascii: "-")) }
            try self.digits()
        }
    }

    private mutating func digits() throws(Fault) {
        guard let byte = self.byte, (0x30...0x39).contains(byte) else {
            throw self.fault("no digit where one is expected")
        }
        while let byte = self.byte, (0x30...0x39).contains(byte) { self.index += 1 }
    }
}

extension UnsafeRawBufferPointer {
    /// The place of the first byte that is no UTF-8.
    fileprivate var firstInvalidUTF8: Int? {
        var decoder = UTF8()
        var bytes = self.makeIterator()
        var place = 0
        while true {
            switch decoder.decode(&bytes) {
            case .scalarValue(let scalar): place += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return place
            }
        }
    }
}

extension JSONError {
    init(_ fault: JSONSyntax.Fault) {
        self.init("not a JSON document: \(fault.reason), at line \(fault.line), column \(fault.column)")
    }
}
