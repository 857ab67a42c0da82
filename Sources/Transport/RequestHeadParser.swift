/// Collects the head of an HTTP/1 request and takes it apart. Strict: what two readers could read in two ways, a way to
/// smuggle requests past a proxy, is refused (RFC 9112 sections 2.2, 3, 5).
struct RequestHeadParser {
    /// A parsed head, and how the body is framed.
    struct Head {
        var head: HTTPRequestHead
        var body: BodyFraming
    }

    private static let maxFields = 100

    private let maxBytes: Int
    private var buffer: [UInt8] = []
    // Bytes before it hold no end of a head.
    private var searched = 0

    init(maxBytes: Int) {
        self.maxBytes = maxBytes
    }

    /// Takes bytes; nil while the head is not complete. What follows the head stays in ``rest``.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(HTTPRefusal) -> Head? {
        self.buffer.append(contentsOf: bytes)
        // TLS, or another protocol, at the wrong port need not wait for the end of a head that never comes.
        guard self.buffer.first.map({ $0.isToken || $0 == 0x0D }) ?? true else {
            throw .malformed("the first byte begins no request")
        }
        guard let end = self.findEnd() else {
            guard self.buffer.count <= self.maxBytes else { throw Self.tooLarge(self.maxBytes) }
            return nil
        }
        guard end <= self.maxBytes else { throw Self.tooLarge(self.maxBytes) }
        let text = self.buffer[..<end]
        self.rest = Array(self.buffer[(end + 4)...])
        self.buffer = []
        return try Self.parse(text)
    }

    /// What arrived after the head.
    private(set) var rest: [UInt8] = []

    /// Whether a byte of a head has arrived.
    var hasBegun: Bool { !self.buffer.isEmpty }

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

    private static func tooLarge(_ limit: Int) -> HTTPRefusal {
        HTTPRefusal(status: 431, code: "header_too_large", message: "request line and headers exceed \(limit) bytes")
    }

    // MARK: One head

    private static func parse(_ bytes: ArraySlice<UInt8>) throws(HTTPRefusal) -> Head {
        var lines = self.lines(of: bytes)[...]
        // An empty line before the request is allowed once (RFC 9112 section 2.2).
        if lines.first?.isEmpty == true { lines.removeFirst() }
        guard let requestLine = lines.popFirst() else { throw .malformed("the request line is missing") }
        guard lines.count <= self.maxFields else {
            throw HTTPRefusal(
                status: 431, code: "header_too_large", message: "more than \(self.maxFields) header fields")
        }
        var head = try self.parseRequestLine(requestLine)
        for line in lines { try self.parseField(line, into: &head.headers) }
        try self.checkHost(head)
        return Head(head: head, body: try BodyFraming(head))
    }

    private static func lines(of bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
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

    private static func parseRequestLine(_ line: ArraySlice<UInt8>) throws(HTTPRefusal) -> HTTPRequestHead {
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(\.isToken), parts[0].count <= 32 else {
            throw .malformed("the request line is not method, target and version")
        }
        guard parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .malformed("the request target has bytes that no URL has")
        }
        let version = String(decoding: parts[2], as: UTF8.self)
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
            throw HTTPRefusal(status: 505, code: "version", message: "only HTTP/1.1 and HTTP/1.0 are spoken here")
        }
        let target = try RequestTarget(String(decoding: parts[1], as: UTF8.self))
        return HTTPRequestHead(
            method: String(decoding: parts[0], as: UTF8.self), path: target.path, query: target.query,
            remoteAddress: "", isVersion11: version == "HTTP/1.1")
    }

    private static func parseField(_ line: ArraySlice<UInt8>, into headers: inout HTTPHeaders) throws(HTTPRefusal) {
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

    private static func checkHost(_ head: HTTPRequestHead) throws(HTTPRefusal) {
        let hosts = head.headers.all("host")
        guard hosts.count <= 1, !hosts.isEmpty || !head.isVersion11 else {
            throw .malformed("there must be one host header, not \(hosts.count)")
        }
    }
}

extension UInt8 {
    /// Whether a method or a header name may hold the byte (RFC 9110 section 5.6.2).
    var isToken: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
        default: false
        }
    }
}
