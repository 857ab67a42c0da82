/// Collects the head of an HTTP/1 request and takes it apart. Strict: what two readers could read in two ways, a way to
/// smuggle requests past a proxy, is refused (RFC 9112 sections 2.2, 3, 5).
struct RequestHeadParser {
    /// A parsed head, and how the body is framed.
    struct Head {
        var head: HTTPRequestHead
        var body: BodyFraming
    }

    private var collector: HeadCollector

    init(maxBytes: Int) {
        self.collector = HeadCollector(maxBytes: maxBytes)
    }

    /// Takes bytes; nil while the head is not complete. What follows the head stays in ``rest``.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(HTTPRefusal) -> Head? {
        self.collector.append(bytes)
        // TLS, or another protocol, at the wrong port need not wait for the end of a head that never comes.
        guard self.collector.begun.first.map({ $0.isToken || $0 == 0x0D }) ?? true else {
            throw .malformed("the first byte begins no request")
        }
        let lines: HeadLines
        do throws(HeadFault) {
            guard let text = try self.collector.takeHead() else { return nil }
            lines = try HeadLines(text, skipsEmptyLine: true)
        } catch {
            throw HTTPRefusal(error)
        }
        return try Self.parse(lines)
    }

    /// What arrived after the head.
    var rest: [UInt8] { self.collector.rest }

    /// Whether a byte of a head has arrived.
    var hasBegun: Bool { !self.collector.begun.isEmpty }

    private static func parse(_ lines: HeadLines) throws(HTTPRefusal) -> Head {
        var head = try self.parseRequestLine(lines.first)
        head.headers = lines.headers
        try self.checkHost(head)
        return Head(head: head, body: try BodyFraming(head))
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

    private static func checkHost(_ head: HTTPRequestHead) throws(HTTPRefusal) {
        let hosts = head.headers.all("host")
        guard hosts.count <= 1, !hosts.isEmpty || !head.isVersion11 else {
            throw .malformed("there must be one host header, not \(hosts.count)")
        }
    }
}

extension HTTPRefusal {
    fileprivate init(_ fault: HeadFault) {
        switch fault {
        case .tooLarge(let limit): self = .headTooLarge("request line and headers exceed \(limit) bytes")
        case .tooManyFields(let limit): self = .headTooLarge("more than \(limit) header fields")
        case .malformed(let message): self = .malformed(message)
        }
    }

    private static func headTooLarge(_ message: String) -> HTTPRefusal {
        HTTPRefusal(status: 431, code: "header_too_large", message: message)
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
