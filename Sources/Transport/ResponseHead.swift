/// The head of an answer to an upgrade request.
struct ResponseHead: Equatable {
    let status: Int
    let isVersion11: Bool
    let headers: HTTPHeaders

    /// Reads `HTTP/1.1 101 Switching Protocols` and the fields after it.
    init(_ bytes: ArraySlice<UInt8>) throws(HeadFault) {
        let lines = try HeadLines(bytes, skipsEmptyLine: false)
        let line = Array(lines.first)
        guard line.count >= 12, line.starts(with: Self.version), line[7] == 0x30 || line[7] == 0x31, line[8] == 0x20,
            line.count == 12 || line[12] == 0x20
        else { throw .malformed("the answer is no HTTP/1") }
        let digits = line[9..<12]
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }), line[9] >= 0x31 else {
            throw .malformed("the status is no number of three digits")
        }
        self.status = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        self.isVersion11 = line[7] == 0x31
        self.headers = lines.headers
    }

    fileprivate static let version = Array("HTTP/1.".utf8)
}

/// Collects the head of an answer. Bounded, and quick to see that a peer speaks something else.
struct ResponseHeadParser {
    static let maxBytes = 16 << 10

    private var collector = HeadCollector(maxBytes: Self.maxBytes)

    /// Takes bytes; nil while the head is not complete. What follows the head stays in ``rest``.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(HeadFault) -> ResponseHead? {
        self.collector.append(bytes)
        while true {
            let begun = self.collector.begun.prefix(ResponseHead.version.count)
            guard begun.elementsEqual(ResponseHead.version.prefix(begun.count)) else {
                throw .malformed("the answer is no HTTP/1")
            }
            guard let text = try self.collector.takeHead() else { return nil }
            let head = try ResponseHead(text)
            // Others of the first hundred only announce the answer (RFC 9110 section 15.2).
            guard head.status < 200, head.status != 101 else { return head }
            let rest = self.collector.rest
            rest.withUnsafeBytes { self.collector.append($0) }
        }
    }

    /// What arrived after the head.
    var rest: [UInt8] { self.collector.rest }
}
