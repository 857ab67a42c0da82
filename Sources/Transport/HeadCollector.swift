/// Collects bytes up to the empty line that ends the head of an HTTP/1 message, and no more of them than allowed.
struct HeadCollector {
    private let maxBytes: Int
    private var buffer: [UInt8] = []
    // Bytes before it hold no end of a head.
    private var searched = 0
    /// What arrived after the head.
    private(set) var rest: [UInt8] = []

    init(maxBytes: Int) {
        self.maxBytes = maxBytes
    }

    /// What came of a head that is not complete.
    var begun: ArraySlice<UInt8> { self.buffer[...] }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        self.buffer.append(contentsOf: bytes)
    }

    /// The head without its empty line, once; nil while it is not complete.
    mutating func takeHead() throws(HeadFault) -> ArraySlice<UInt8>? {
        guard let end = self.findEnd() else {
            guard self.buffer.count <= self.maxBytes else { throw .tooLarge(limit: self.maxBytes) }
            return nil
        }
        guard end <= self.maxBytes else { throw .tooLarge(limit: self.maxBytes) }
        let head = self.buffer[..<end]
        self.rest = Array(self.buffer[(end + 4)...])
        self.buffer = []
        self.searched = 0
        return head
    }

    private mutating func findEnd() -> Int? {
        var index = self.searched
        while index + 3 < self.buffer.count {
            if self.buffer[index] == 0x0D, self.buffer[index + 1] == 0x0A, self.buffer[index + 2] == 0x0D,
                self.buffer[index + 3] == 0x0A
            {
                return index
            }
            index += 1
        }
        self.searched = index
        return nil
    }
}

/// What is wrong with the head of an HTTP/1 message.
enum HeadFault: Error, Equatable {
    case tooLarge(limit: Int)
    case tooManyFields(limit: Int)
    case malformed(String)
}

/// The lines of a head: the first, and the fields (RFC 9112 sections 2.1 and 5). Strict: what two readers could read in
/// two ways is refused, folded lines among it.
struct HeadLines {
    private static let maxFields = 100

    let first: ArraySlice<UInt8>
    let headers: HTTPHeaders

    /// - Parameter skipsEmptyLine: whether one empty line may come before the first (RFC 9112 section 2.2).
    init(_ bytes: ArraySlice<UInt8>, skipsEmptyLine: Bool) throws(HeadFault) {
        var lines = Self.split(bytes)[...]
        if skipsEmptyLine, lines.first?.isEmpty == true { lines.removeFirst() }
        guard let first = lines.popFirst() else { throw .malformed("the first line is missing") }
        guard lines.count <= Self.maxFields else { throw .tooManyFields(limit: Self.maxFields) }
        var headers = HTTPHeaders()
        for line in lines { try Self.parseField(line, into: &headers) }
        self.first = first
        self.headers = headers
    }

    private static func split(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            if bytes[index] == 0x0D, bytes[index + 1] == 0x0A {
                lines.append(bytes[start..<index])
                start = index + 2
                index += 1
            }
            index += 1
        }
        lines.append(bytes[start...])
        return lines
    }

    private static func parseField(_ line: ArraySlice<UInt8>, into headers: inout HTTPHeaders) throws(HeadFault) {
        guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex,
            line[..<colon].allSatisfy(\.isToken)
        else { throw .malformed("a header line is not a name, a colon and a value") }
        let value = line[(colon + 1)...]
        guard value.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else {
            throw .malformed("a header value has control characters")
        }
        headers.append(
            String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self).trimmingBlanks)
    }
}
