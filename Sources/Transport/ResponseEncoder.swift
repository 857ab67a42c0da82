import Foundation

/// Writes the head of an answer and frames its body.
struct ResponseEncoder {
    enum Framing: Equatable {
        /// No body follows, whatever the head says.
        case none
        case length(Int)
        case chunked
        /// The body ends with the connection: HTTP/1.0.
        case untilClose
    }

    private static let ownHeaders: Set = ["content-length", "transfer-encoding", "connection", "date"]

    let framing: Framing

    /// - Parameters:
    ///   - length: of the body when it is known.
    ///   - request: nil when the request could not be read.
    init(status: Int, length: Int?, request: HTTPRequestHead?) {
        let hasNoBody = request?.method == "HEAD" || status == 204 || status == 304 || (100..<200).contains(status)
        if hasNoBody {
            self.framing = .none
        } else if let length {
            self.framing = .length(length)
        } else {
            self.framing = request?.isVersion11 == false ? .untilClose : .chunked
        }
    }

    /// The head, or nil when a header has a line break or another control character, or a name that is none.
    func head(_ response: HTTPResponse, length: Int?, date: Date) -> [UInt8]? {
        var text = "HTTP/1.1 \(response.status) \(Self.reason(response.status))\r\n"
        for (name, value) in response.headers where !Self.ownHeaders.contains(name.lowercased()) {
            guard !name.isEmpty, name.utf8.allSatisfy(\.isToken),
                value.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) })
            else { return nil }
            text += "\(name): \(value)\r\n"
        }
        text += "date: \(Self.httpDate(date))\r\n"
        switch self.framing {
        case .none:
            if let length, response.status != 204 { text += "content-length: \(length)\r\n" }
        case .length(let length): text += "content-length: \(length)\r\n"
        case .chunked: text += "transfer-encoding: chunked\r\n"
        case .untilClose: break
        }
        return Array((text + "connection: close\r\n\r\n").utf8)
    }

    /// A piece of the body as it goes on the wire.
    func frame(_ bytes: [UInt8]) -> [UInt8] {
        switch self.framing {
        case .none: []
        case .length, .untilClose: bytes
        case .chunked: bytes.isEmpty ? [] : Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [0x0D, 0x0A]
        }
    }

    /// What ends the body.
    var end: [UInt8] { self.framing == .chunked ? Array("0\r\n\r\n".utf8) : [] }

    private static func httpDate(_ date: Date) -> String {
        var seconds = time_t(date.timeIntervalSince1970)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
            + "\(parts.tm_year + 1900) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
